"""Session business logic: sign-in, refresh, and logout.

A session is a row, and its tokens are valid as long as the row exists. Each use of a refresh token
replaces it. The next token is derived from it: a client that repeats a request after it lost the
response gets the same token again, and no usable token is stored. After the grace period a second
use means that the token was stolen: the session ends for the client and for the thief.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from app.core.errors import NotFound
from app.core.logging import get_logger
from app.core.security.caller import Caller, granted
from app.core.security.errors import BadToken, Unauthorized
from app.core.security.tokens import Claims, TokenType
from app.core.security.tools import SecurityTools
from app.db.sessions import Session
from app.models.session import UserSession
from app.models.user import User
from app.repositories.session import SessionRepository
from app.repositories.user import UserRepository
from app.schemas.session import Tokens

logger = get_logger("security")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, and the tokens that its client gets."""

    session: UserSession
    tokens: Tokens


class SessionService:
    """The operations on sessions."""

    def __init__(self, session: Session, tools: SecurityTools) -> None:
        self._session = session
        self._users = UserRepository(session)
        self._sessions = SessionRepository(session)
        self._tools = tools

    async def begin(self, user: User, wanted: str, known: Collection[str]) -> SignedIn:
        """Sign in a user whose password was right a moment ago.

        Raises:
            Unauthorized: the user was disabled, deleted, or got another password meanwhile.
        """
        now, settings = self._tools.now(), self._tools.settings
        try:
            # Locked until the commit: a request that disables the user then ends this session.
            current = await self._users.get_for_update(user.id)
        except NotFound:
            raise Unauthorized("The address or the password is wrong.") from None
        if not current.is_active or current.password_hash != user.password_hash:
            raise Unauthorized("The address or the password is wrong.")
        await self._users.update(current, {"signed_in_at": now})
        await self._sessions.delete_expired(user.id, now)
        token_id = secrets.token_urlsafe(32)
        session = await self._sessions.add(
            UserSession(
                user_id=user.id,
                nonce=secrets.token_hex(8),
                role=current.role,
                scope=granted(wanted, current.role, frozenset(known)),
                token_digest=digest(token_id),
                rotated_at=now,
                expires_at=now + timedelta(seconds=settings.refresh_token_ttl_seconds),
            )
        )
        return SignedIn(session, self._tokens(session, token_id))

    async def renew_hash(self, user: User, password_hash: str) -> None:
        """Keep the hash that was made with the costs of today."""
        current = await self._users.get_for_update(user.id)
        await self._users.update(current, {"password_hash": password_hash})

    async def refresh(self, token: str) -> SignedIn:
        """Trade a refresh token for the next one.

        Raises:
            BadToken: it is not good, or was used before; in that case its session has ended.
        """
        claims = self._tools.tokens.read(token, TokenType.REFRESH)
        session = await self._sessions.get_by_handle(claims.session, for_update=True)
        if session is None:
            raise BadToken
        next_id = self._tools.derive("refresh", claims.token_id)
        presented = digest(claims.token_id)
        if presented == session.token_digest:
            session = await self._rotate(session, presented, digest(next_id))
        elif presented != session.spent_digest or self._is_grace_over(session):
            await self._end_stolen(session)
            raise BadToken
        return SignedIn(session, self._tokens(session, next_id))

    async def log_out(self, caller: Caller, token: str | None) -> None:
        """End the caller's session, and the one of the refresh token.

        Raises:
            BadToken: the token is not the caller's.
        """
        if token is not None:
            claims = self._tools.tokens.read(token, TokenType.REFRESH)
            if claims.user_id != caller.user_id:
                raise BadToken
            if (session := await self._sessions.get_by_handle(claims.session)) is not None:
                await self._sessions.end(session.id)
        if caller.session_id is not None:
            await self._sessions.end(caller.session_id)

    async def _rotate(self, session: UserSession, spent: str, current: str) -> UserSession:
        now, settings = self._tools.now(), self._tools.settings
        expires_at = min(
            now + timedelta(seconds=settings.refresh_token_ttl_seconds),
            session.created_at + timedelta(seconds=settings.session_ttl_seconds),
        )
        changes = {
            "token_digest": current,
            "spent_digest": spent,
            "rotated_at": now,
            "expires_at": expires_at,
        }
        return await self._sessions.update(session, changes)

    def _is_grace_over(self, session: UserSession) -> bool:
        grace = timedelta(seconds=self._tools.settings.refresh_grace_seconds)
        return self._tools.now() - session.rotated_at > grace

    async def _end_stolen(self, session: UserSession) -> None:
        await self._sessions.end(session.id)
        await self._session.commit()  # the request fails, and would be rolled back
        logger.warning("refresh_token_reused", user_id=session.user_id, session_id=session.id)

    def _tokens(self, session: UserSession, token_id: str) -> Tokens:
        seconds = self._tools.settings.access_token_ttl_seconds
        now = self._tools.now()
        access = Claims(
            type=TokenType.ACCESS,
            user_id=session.user_id,
            session=session.handle,
            token_id=secrets.token_urlsafe(16),
            scope=session.scope,
            issued_at=now,
            expires_at=now + timedelta(seconds=seconds),
        )
        # Nothing of the moment is in it: the same id gives the same token.
        refresh = Claims(
            type=TokenType.REFRESH,
            user_id=session.user_id,
            session=session.handle,
            token_id=token_id,
            scope=session.scope,
            issued_at=session.rotated_at,
            expires_at=session.expires_at,
        )
        return Tokens(
            access_token=self._tools.tokens.write(access),
            refresh_token=self._tools.tokens.write(refresh),
            expires_in=seconds,
            scope=session.scope,
        )


def digest(token_id: str) -> str:
    return hashlib.sha256(token_id.encode()).hexdigest()
