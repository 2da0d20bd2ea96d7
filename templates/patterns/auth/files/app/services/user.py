"""User business logic."""

from functools import partial

from app.core.errors import Conflict
from app.core.logging import get_logger
from app.core.query import PageResult
from app.core.security.caller import Caller, Role
from app.core.security.tools import SecurityTools
from app.db.sessions import ReadSession, Session
from app.models.user import User
from app.repositories.session import SessionRepository
from app.repositories.user import UserRepository
from app.schemas.user import UserCreate, UserPatch, UserQuery

logger = get_logger("security")

TAKEN = "This address is registered already."


class UserService:
    """The operations on users."""

    def __init__(self, reads: ReadSession, session: Session, tools: SecurityTools) -> None:
        self._session = session
        self._committed = UserRepository(reads)
        self._users = UserRepository(session)
        self._sessions = SessionRepository(session)
        self._tools = tools

    async def get(self, user_id: int) -> User:
        return await self._committed.get(user_id)

    async def page(self, query: UserQuery) -> PageResult[User]:
        return await self._committed.page(query.to_query())

    async def register(self, data: UserCreate, address: str) -> User:
        """Add somebody who comes from outside.

        Raises:
            Conflict: the address is taken.
            RateLimited: there were too many from where the request comes.
        """
        await self._tools.attempts.register(address)
        return await self.create(data, Role.USER)

    async def create(self, data: UserCreate, role: Role) -> User:
        """Add a user.

        Raises:
            Conflict: the address is taken.
        """
        if await self._committed.get_by_email(data.email) is not None:
            raise Conflict(TAKEN)
        password_hash = await self._tools.passwords.hash(data.password.get_secret_value())
        return await self._users.add(
            User(
                email=data.email,
                full_name=data.full_name,
                password_hash=password_hash,
                role=role,
                is_active=True,
            )
        )

    async def change_password(self, user: User, password: str) -> None:
        """Set the password, and end all sessions of the user."""
        password_hash = await self._tools.passwords.hash(password)
        current = await self._users.get_for_update(user.id)
        await self._users.update(current, {"password_hash": password_hash})
        await self._sessions.end_all(user.id)
        logger.info("password_changed", user_id=user.id)

    async def patch(self, user_id: int, data: UserPatch, caller: Caller) -> User:
        """Change a user. A new role or state ends the sessions, which know the old one.

        Raises:
            Conflict: nobody gives up, or locks out, themselves: an admin is always left.
        """
        changes = data.model_dump(exclude_unset=True)
        access = {name: changes[name] for name in ("role", "is_active") if name in changes}
        if access and user_id == caller.user_id:
            raise Conflict("Your own role and state are for another admin to change.")
        user = await self._users.get_for_update(user_id)
        user = await self._users.update(user, changes)
        if access:
            await self._sessions.end_all(user_id)
            logger.info("access_changed", user_id=user_id, by=caller.user_id, **access)
        return user

    async def delete(self, user_id: int, caller: Caller) -> None:
        """Delete a user; the database deletes the rows of the user too, sessions and keys included.

        Data outside of the database, such as files, is deleted after the commit.

        Raises:
            Conflict: admins cannot delete themselves, so that an admin always remains.
        """
        if user_id == caller.user_id and caller.role is Role.ADMIN:
            raise Conflict("An admin is deleted by another admin.")
        await self._users.delete(await self._users.get_for_update(user_id))
        for say_farewell in self._tools.farewells:
            self._session.on_commit(partial(say_farewell, user_id))
        logger.info("user_deleted", user_id=user_id, by=caller.user_id)
