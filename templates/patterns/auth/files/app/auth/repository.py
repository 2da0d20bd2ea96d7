"""Queries for users, sessions and API keys."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Row, bindparam, delete, or_, select, update

from app.auth.models import ApiKey, User, UserSession
from app.db.repository import Repository

BY_HANDLE = select(UserSession).where(UserSession.handle == bindparam("handle"))
BY_HANDLE_FOR_UPDATE = BY_HANDLE.with_for_update().execution_options(populate_existing=True)


class UserRepository(Repository[User]):
    model = User
    search_fields = ("email", "full_name")

    async def get_by_email(self, email: str) -> User | None:
        return await self.session.scalar(select(User).where(User.email == email))

    async def get_by_identity(self, issuer: str, subject: str) -> User | None:
        identity = User.issuer == issuer, User.subject == subject
        return await self.session.scalar(select(User).where(*identity))

    async def lock(self, user_ids: Collection[int]) -> Mapping[int, User]:
        """Lock users until the commit, by id: requests that lock in one order have no deadlock."""
        users = select(User).where(User.id.in_(user_ids)).order_by(User.id).with_for_update()
        return {user.id: user for user in await self.session.scalars(users)}

    async def delete(self, row: User) -> None:
        """Delete a user, and all rows that it owns.

        MySQL refuses to let the foreign keys do it if these rows refer to each other.
        """
        for owner in reversed(_owner_columns()):
            await self.session.execute(delete(owner.table).where(owner == row.id))
        await super().delete(row)

    async def hand_over(self, row: User, to: User) -> None:
        """Give all rows that a user owns to another user, and delete the first one."""
        for owner in _owner_columns():
            change = update(owner.table).where(owner == row.id).values({owner: to.id})
            await self.session.execute(change)
        await self.delete(row)


@cache
def _owner_columns() -> Sequence[Column[Any]]:
    """The owner columns of all tables that have one; referred tables come first."""
    users = User.metadata.tables[User.__tablename__]
    return [
        key.parent
        for table in User.metadata.sorted_tables
        for key in table.foreign_keys
        if key.ondelete == "CASCADE" and key.column.table is users
    ]


class SessionRepository(Repository[UserSession]):
    model = UserSession

    async def get_by_handle(self, handle: str, *, for_update: bool = False) -> UserSession | None:
        """The session with this claim `sid`, unless it has ended."""
        statement = BY_HANDLE_FOR_UPDATE if for_update else BY_HANDLE
        return await self.session.scalar(statement, {"handle": handle})

    async def end(self, session_id: int) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.id == session_id))

    async def end_all(self, user_id: int) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.user_id == user_id))

    async def delete_expired(self, user_id: int, now: datetime) -> None:
        """Delete by id: by user, MySQL and MariaDB would lock gaps, and sign-ins would deadlock."""
        expired = UserSession.user_id == user_id, UserSession.expires_at < now
        found = await self.session.scalars(select(UserSession.id).where(*expired).limit(1000))
        if ids := found.all():
            await self.session.execute(delete(UserSession).where(UserSession.id.in_(ids)))


class ApiKeyRepository(Repository[ApiKey]):
    model = ApiKey
    search_fields = ("name",)

    async def get_valid(self, digest: str, now: datetime) -> Row[ApiKey, User] | None:
        """The key and its user, unless it has expired, or the user is disabled."""
        statement = select(ApiKey, User).join(User, User.id == ApiKey.user_id).where(User.is_active)
        is_valid = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now)
        found = await self.session.execute(statement.where(ApiKey.digest == digest, is_valid))
        return found.first()
