"""Checks passwords."""

from app.core.logging import get_logger
from app.core.security.errors import Unauthorized
from app.core.security.tools import SecurityTools
from app.db.sessions import ReadSession
from app.models.user import User
from app.repositories.user import UserRepository

logger = get_logger("security")


class PasswordService:
    """Checks passwords, and counts failures. No transaction is open meanwhile."""

    def __init__(self, reads: ReadSession, tools: SecurityTools) -> None:
        self._users = UserRepository(reads)
        self._tools = tools

    async def check(self, email: str, password: str, address: str) -> tuple[User, str | None]:
        """The user, and a better hash of the password if the stored one is cheap by now.

        Raises:
            RateLimited: there were too many failures.
            Unauthorized: no such user, a wrong password, a disabled user: all look the same.
        """
        attempts = self._tools.attempts
        await attempts.check(email, address)
        user = await self._users.get_by_email(email)
        verdict = await self._tools.passwords.verify(
            password,
            user.password_hash if user else None,
            first=lambda: attempts.check(email, address),
        )
        if user is None or not verdict.is_right or not user.is_active:
            await attempts.failed(email, address)
            logger.warning("sign_in_failed", user_id=user.id if user else None, address=address)
            raise Unauthorized("The address or the password is wrong.")
        await attempts.succeeded(email, address)
        return user, verdict.better_hash
