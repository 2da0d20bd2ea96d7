"""Forgotten passwords: a token by mail, which can be used once and for 15 minutes.

It is derived from the password hash. So any new password makes it invalid, and nothing is stored.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from app.auth.context import AuthContext
from app.auth.errors import InvalidToken
from app.auth.models import User
from app.auth.repository import UserRepository
from app.auth.tokens import Claims, TokenType
from app.auth.users import UserService
from app.core.errors import NotFound
from app.core.logging import get_logger
from app.db.sessions import ReadSession

logger = get_logger("auth")

LIFETIME = timedelta(minutes=15)
SendMail = Callable[[str, str], Awaitable[None]]
"""Called with the e-mail address and the token."""


class PasswordResetService:
    def __init__(self, reads: ReadSession, users: UserService, auth: AuthContext) -> None:
        self._committed = UserRepository(reads)
        self._users = users
        self._auth = auth

    async def send_token(self, email: str, send: SendMail) -> None:
        """Send a token to an active user with a password. Runs after the response.

        So neither the response nor its time shows whether there is such a user.
        """
        try:
            user = await self._committed.get_by_email(email)
            if user is not None and user.is_active and user.password_hash:
                await send(user.email, self._token_for(user))
        except Exception:
            logger.exception("password_reset_failed")

    async def reset(self, token: str, password: str) -> None:
        """Set the password, and end all sessions of the user; `InvalidToken` if it was used."""
        claims = self._auth.tokens.read(token, TokenType.RESET)
        try:
            user = await self._committed.get(claims.user_id)
        except NotFound:
            raise InvalidToken from None
        if not user.is_active or claims.token_id != self._token_id(user):
            raise InvalidToken
        await self._users.change_password(user, password)

    def _token_for(self, user: User) -> str:
        now = self._auth.now()
        claims = Claims(
            type=TokenType.RESET,
            user_id=user.id,
            session="",
            token_id=self._token_id(user),
            scope="",
            issued_at=now,
            expires_at=now + LIFETIME,
        )
        return self._auth.tokens.write(claims)

    def _token_id(self, user: User) -> str:
        return self._auth.derive("password-reset", f"{user.id}/{user.password_hash}")
