"""Session business logic: sign-in, refresh and logout.

A session is a row, and its tokens are valid as long as the row exists. Each use of a refresh token
replaces it. The next token is derived from it: a client that repeats a request after it lost the
response gets the same token again, and no usable token is stored. After the grace period a second
use means that the token was stolen: the session ends for the client and for the thief.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from app.auth.context import AuthContext
from app.auth.errors import InvalidToken, Unauthorized
from app.auth.models import User, UserSession
from app.auth.principal import Principal, grant_scopes
from app.auth.repository import SessionRepository, UserRepository
from app.auth.schemas import Tokens
from app.auth.tokens import Claims, TokenType
from app.auth.users import WRONG_CREDENTIALS
from app.core.errors import NotFound
from app.core.logging import get_logger
from app.db.session import Session

logger = get_logger("auth")

LONGEST_SESSION = timedelta(days=90)
"""However often it is refreshed."""


class SessionService:
    def __init__(self, session: Session, auth: AuthContext) -> None:
        self._session = session
        self._users = UserRepository(session)
        self._sessions = SessionRepository(session)
        self._auth = auth

    async def begin(
        self, user: User, requested: str, known: Collection[str], *, new_hash: str | None = None
    ) -> tuple[UserSession, Tokens]:
        """Sign in a user whose password has been verified; `new_hash` replaces its hash.

        Raises:
            Unauthorized: the user was disabled, deleted, or got another password meanwhile.
        """
        now = self._auth.now()
        try:
            # Locked until the commit: a request that disables the user then ends this session.
            current = await self._users.get_for_update(user.id)
        except NotFound:
            raise Unauthorized(WRONG_CREDENTIALS) from None
        if not current.is_active or current.password_hash != user.password_hash:
            raise Unauthorized(WRONG_CREDENTIALS)
        if new_hash is not None:
            await self._users.update(current, {"password_hash": new_hash})
        await self._sessions.delete_expired(user.id, now)
        token_id = secrets.token_urlsafe(32)
        session = await self._sessions.add(
            UserSession(
                user_id=user.id,
                nonce=secrets.token_hex(8),
                role=current.role,
                scope=grant_scopes(requested, current.role, known),
                token_digest=_digest(token_id),
                rotated_at=now,
                expires_at=now + _seconds(self._auth.settings.refresh_token_ttl_seconds),
            )
        )
        return session, self._tokens(session, token_id)

    async def refresh(self, token: str) -> Tokens:
        """Exchange a refresh token for the next one.

        Raises:
            InvalidToken: it is invalid, or it was used before: then its session has ended.
        """
        claims = self._auth.tokens.read(token, TokenType.REFRESH)
        session = await self._sessions.get_by_handle(claims.session, for_update=True)
        if session is None:
            raise InvalidToken
        next_id = self._auth.derive("refresh", claims.token_id)
        presented = _digest(claims.token_id)
        if presented == session.token_digest:
            session = await self._rotate(session, _digest(next_id))
        elif presented != session.previous_digest or self._is_grace_over(session):
            await self._end_stolen(session)
            raise InvalidToken
        return self._tokens(session, next_id)

    async def log_out(self, principal: Principal, token: str | None) -> None:
        """End the session of the request, and the one of the refresh token.

        Raises:
            InvalidToken: the refresh token belongs to another user.
        """
        if token is not None:
            claims = self._auth.tokens.read(token, TokenType.REFRESH)
            if claims.user_id != principal.user_id:
                raise InvalidToken
            if (session := await self._sessions.get_by_handle(claims.session)) is not None:
                await self._sessions.end(session.id)
        if principal.session_id is not None:
            await self._sessions.end(principal.session_id)

    async def _rotate(self, session: UserSession, next_digest: str) -> UserSession:
        now, settings = self._auth.now(), self._auth.settings
        expires_at = min(
            now + _seconds(settings.refresh_token_ttl_seconds),
            session.created_at + LONGEST_SESSION,
        )
        changes = {
            "token_digest": next_digest,
            "previous_digest": session.token_digest,
            "rotated_at": now,
            "expires_at": expires_at,
        }
        return await self._sessions.update(session, changes)

    def _is_grace_over(self, session: UserSession) -> bool:
        grace = _seconds(self._auth.settings.refresh_grace_seconds)
        return self._auth.now() - session.rotated_at > grace

    async def _end_stolen(self, session: UserSession) -> None:
        await self._sessions.end(session.id)
        await self._session.commit()  # the request fails, and would be rolled back
        logger.warning("refresh_token_reused", user_id=session.user_id, session_id=session.id)

    def _tokens(self, session: UserSession, token_id: str) -> Tokens:
        now, seconds = self._auth.now(), self._auth.settings.access_token_ttl_seconds
        access = session_claims(
            session,
            TokenType.ACCESS,
            secrets.token_urlsafe(16),
            issued_at=now,
            expires_at=now + _seconds(seconds),
        )
        # Without the current time: a repeated request gets the same token.
        refresh = session_claims(session, TokenType.REFRESH, token_id)
        return Tokens(
            access_token=self._auth.tokens.write(access),
            refresh_token=self._auth.tokens.write(refresh),
            expires_in=seconds,
            scope=session.scope,
        )


def session_claims(
    session: UserSession,
    type_: TokenType,
    token_id: str,
    *,
    issued_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Claims:
    """The claims of a token of the session, by default from its last rotation to its end."""
    return Claims(
        type=type_,
        user_id=session.user_id,
        session=session.handle,
        token_id=token_id,
        scope=session.scope,
        issued_at=issued_at or session.rotated_at,
        expires_at=expires_at or session.expires_at,
    )


def _seconds(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)


def _digest(token_id: str) -> str:
    return hashlib.sha256(token_id.encode()).hexdigest()
