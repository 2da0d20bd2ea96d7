"""User business logic."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from app.auth.context import AuthContext
from app.auth.errors import InvalidToken, Unauthorized
from app.auth.models import User
from app.auth.principal import Principal, Role, user_name
from app.auth.repository import SessionRepository, UserRepository
from app.auth.schemas import UserCreate, UserPatch, UserQuery
from app.auth.tokens import Claims, TokenType, digest_of
from app.core.errors import Conflict, NotFound
from app.core.logging import get_logger
from app.core.query import PageResult
from app.db.session import ReadSession, Session

logger = get_logger("auth")

WRONG_CREDENTIALS = "The e-mail address or the password is wrong."
RESET_LIFETIME = timedelta(minutes=15)
SendMail = Callable[[str, str], Awaitable[None]]
"""Called with the e-mail address and the token."""


class UserService:
    def __init__(self, reads: ReadSession, session: Session, auth: AuthContext) -> None:
        self._session = session
        self._committed = UserRepository(reads)
        self._users = UserRepository(session)
        self._sessions = SessionRepository(session)
        self._auth = auth

    async def get(self, user_id: int) -> User:
        return await self._committed.get(user_id)

    async def page(self, query: UserQuery) -> PageResult[User]:
        return await self._committed.page(query.to_query())

    async def register(self, data: UserCreate, ip: str) -> User:
        """Create a user for an anonymous client.

        Raises:
            Conflict: the e-mail address is taken.
            TooManyRequests: there were too many registrations from this IP address.
        """
        await self._auth.throttle.count_registration(ip)
        return await self.create(data, Role.USER)

    async def create(self, data: UserCreate, role: Role) -> User:
        """Create a user; `Conflict` if the e-mail address is taken."""
        if await self._committed.get_by_email(data.email) is not None:
            raise Conflict("This e-mail address is registered already.")
        password_hash = await self._auth.passwords.hash(data.password.get_secret_value())
        user = User(
            email=data.email,
            full_name=data.full_name,
            password_hash=password_hash,
            role=role,
            is_active=True,
        )
        return await self._users.add(user)

    async def check_password(self, email: str, password: str, ip: str) -> tuple[User, str | None]:
        """The user, and a new hash if the stored one is cheaper than configured.

        No transaction is open while the hash is computed.

        Raises:
            TooManyRequests: there were too many failures.
            Unauthorized: unknown, disabled, or a wrong password: the message is the same.
        """
        throttle = self._auth.throttle
        await throttle.check(email, ip)
        user = await self._committed.get_by_email(email)
        is_right, new_hash = await self._auth.passwords.verify(
            password,
            user.password_hash if user else None,
            before=lambda: throttle.check(email, ip),
        )
        if user is None or not is_right or not user.is_active:
            await throttle.count_failure(email, ip)
            logger.warning("sign_in_failed", user_id=user.id if user else None, address=ip)
            raise Unauthorized(WRONG_CREDENTIALS)
        await throttle.count_success(email, ip)
        return user, new_hash

    async def change_password(self, user: User, password: str) -> None:
        """Set the password, and end all sessions of the user.

        Raises:
            Conflict: the password has changed since the user was read.
        """
        password_hash = await self._auth.passwords.hash(password)
        current = await self._users.get_for_update(user.id)
        if current.password_hash != user.password_hash:
            raise Conflict("The password has been changed meanwhile.")
        await self._users.update(current, {"password_hash": password_hash})
        await self._sessions.end_all(user.id)
        logger.info("password_changed", user_id=user.id)

    async def send_reset_token(self, email: str, send: SendMail) -> None:
        """Send a token to an active user with a password. Runs after the response.

        So neither the response nor its time shows whether there is such a user.
        """
        try:
            user = await self._committed.get_by_email(email)
            if user is not None and user.is_active and user.password_hash:
                await send(user.email, self._reset_token(user))
        except Exception:
            logger.exception("password_reset_failed")

    async def reset_password(self, token: str, password: str) -> None:
        """Set the password, and end all sessions of the user; `InvalidToken` if it was used."""
        claims = self._auth.tokens.read(token, TokenType.RESET)
        try:
            user = await self._committed.get(claims.sub)
        except NotFound:
            raise InvalidToken from None
        if not user.is_active or claims.jti != _reset_id(user):
            raise InvalidToken
        await self.change_password(user, password)

    async def patch(self, user_id: int, data: UserPatch, principal: Principal) -> User:
        """Change a user. A new role or state ends the sessions of the user.

        Raises:
            Conflict: admins cannot change their own role or state, so that an admin remains.
        """
        changes = data.model_dump(exclude_unset=True)
        access = {name: changes[name] for name in ("role", "is_active") if name in changes}
        if access and user_id == principal.user_id:
            raise Conflict("Another admin must change your role or state.")
        user = await self._users.update(await self._lock(user_id, principal), changes)
        if access:
            await self._sessions.end_all(user_id)
            logger.info("access_changed", user_id=user_id, by=principal.user_id, **access)
        return user

    async def delete(self, user_id: int, principal: Principal) -> None:
        """Delete a user with all its rows; other data follows in `on_user_deleted`.

        Raises:
            Conflict: admins cannot delete themselves, so that an admin remains; or rows without an
                owner refer to rows of the user.
        """
        if user_id == principal.user_id and principal.role is Role.ADMIN:
            raise Conflict("Another admin must delete you.")
        user = await self._lock(user_id, principal)
        try:
            await self._users.delete(user)
        except Conflict:
            raise Conflict("Delete shared rows that refer to rows of this user first.") from None
        for hook in self._auth.on_user_deleted:
            self._session.on_commit(partial(hook, user_name(user_id)))
        logger.info("user_deleted", user_id=user_id, by=principal.user_id)

    async def _lock(self, user_id: int, principal: Principal) -> User:
        """A user, locked until the commit together with the principal, who changes it.

        Of two admins who change each other at the same time, one remains an admin.

        Raises:
            InvalidToken: meanwhile another admin has changed or deleted the principal.
            NotFound: the user does not exist.
        """
        own = (await self._users.lock({user_id, principal.user_id})).get(principal.user_id)
        if own is None or not own.is_active or own.role is not principal.role:
            raise InvalidToken
        return await self._users.get_for_update(user_id)

    def _reset_token(self, user: User) -> str:
        now = self._auth.now()
        claims = Claims(
            type=TokenType.RESET,
            sub=user.id,
            jti=_reset_id(user),
            iat=now,
            exp=now + RESET_LIFETIME,
        )
        return self._auth.tokens.write(claims)


def _reset_id(user: User) -> str:
    """Of the password hash: any new password makes the token invalid."""
    return digest_of(f"{user.id}/{user.password_hash}")
