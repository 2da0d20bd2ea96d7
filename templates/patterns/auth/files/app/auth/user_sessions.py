"""Session business logic: sign-in, refresh and logout.

A session is a row, and its tokens are valid as long as the row exists. A refresh token has a
number, and the row counts how often it was exchanged for the next one. The previous token within
the grace period returns the current one again, for a client that lost the response. Any other use
of an old token means that it was stolen: the session ends for the client and for the thief.
"""

import secrets
from collections.abc import Collection
from datetime import timedelta

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
        self._lifetime = timedelta(seconds=auth.settings.refresh_token_ttl_seconds)
        self._grace = timedelta(seconds=auth.settings.refresh_grace_seconds)

    async def begin(
        self, user: User, requested: str, known: Collection[str], *, new_hash: str | None = None
    ) -> UserSession:
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
        return await self._sessions.add(
            UserSession(
                user_id=user.id,
                handle=secrets.token_urlsafe(16),
                role=current.role,
                scope=grant_scopes(requested, current.role, known),
                rotations=0,
                rotated_at=now,
                expires_at=now + self._lifetime,
            )
        )

    async def refresh(self, token: str) -> UserSession:
        """The session of a refresh token, which is exchanged for the next one.

        Raises:
            InvalidToken: it is invalid, or it was used before: then its session has ended.
        """
        claims = self._auth.tokens.read(token, TokenType.REFRESH)
        session = await self._sessions.get_by_handle(claims.sid, for_update=True)
        if session is None:
            raise InvalidToken
        if claims.jti == _token_id(session, session.rotations):
            return await self._rotate(session)
        is_previous = claims.jti == _token_id(session, session.rotations - 1)
        if is_previous and self._auth.now() - session.rotated_at <= self._grace:
            return session
        await self._sessions.end(session.id)
        await self._session.commit()  # the request fails, and would be rolled back
        logger.warning("refresh_token_reused", user_id=session.user_id, session_id=session.id)
        raise InvalidToken

    async def log_out(self, principal: Principal, token: str | None) -> None:
        """End the session of the request, and the one of the refresh token.

        Raises:
            InvalidToken: the refresh token belongs to another user.
        """
        if token is not None:
            claims = self._auth.tokens.read(token, TokenType.REFRESH)
            if claims.sub != principal.user_id:
                raise InvalidToken
            if (session := await self._sessions.get_by_handle(claims.sid)) is not None:
                await self._sessions.end(session.id)
        if principal.session_id is not None:
            await self._sessions.end(principal.session_id)

    def tokens(self, session: UserSession) -> Tokens:
        """A new access token, and the current refresh token."""
        now, seconds = self._auth.now(), self._auth.settings.access_token_ttl_seconds
        refresh = session_claims(session, TokenType.REFRESH)
        access = {
            "type": TokenType.ACCESS,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + timedelta(seconds=seconds),
        }
        return Tokens(
            access_token=self._auth.tokens.write(refresh.model_copy(update=access)),
            refresh_token=self._auth.tokens.write(refresh),
            expires_in=seconds,
            scope=session.scope,
        )

    async def _rotate(self, session: UserSession) -> UserSession:
        now = self._auth.now()
        changes = {
            "rotations": session.rotations + 1,
            "rotated_at": now,
            "expires_at": min(now + self._lifetime, session.created_at + LONGEST_SESSION),
        }
        return await self._sessions.update(session, changes)


def session_claims(session: UserSession, type_: TokenType) -> Claims:
    """The claims of a token that is valid to the end of the session.

    Without the current time: a repeated request gets the same token.
    """
    return Claims(
        type=type_,
        sub=session.user_id,
        sid=session.handle,
        jti=_token_id(session, session.rotations),
        scope=session.scope,
        iat=session.rotated_at,
        exp=session.expires_at,
    )


def _token_id(session: UserSession, number: int) -> str:
    return f"{session.handle}.{number}"
