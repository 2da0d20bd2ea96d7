"""Queries for users, sessions and API keys."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Row, delete, select, update

from app.auth.models import ApiKey, User, UserSession
from app.core.errors import NotFound
from app.db.repository import Repository


class UserRepository(Repository[User]):
    model = User
    searched = ("email", "full_name")

    async def get_by_email(self, email: str) -> User | None:
        return await self.session.scalar(select(User).where(User.email == email))

    async def get_by_identity(self, issuer: str, subject: str) -> User | None:
        identity = User.issuer == issuer, User.subject == subject
        return await self.session.scalar(select(User).where(*identity))

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
        get = self.get_for_update if for_update else self.get
        try:
            row = await get(int(handle.partition("-")[0]))
        except (NotFound, ValueError):
            return None
        return row if row.handle == handle else None

    async def end(self, session_id: int) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.id == session_id))

    async def end_all(self, user_id: int) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.user_id == user_id))

    async def delete_expired(self, user_id: int, now: datetime) -> None:
        expired = UserSession.user_id == user_id, UserSession.expires_at < now
        await self.session.execute(delete(UserSession).where(*expired))


class ApiKeyRepository(Repository[ApiKey]):
    model = ApiKey
    searched = ("name",)

    async def get_with_user(self, prefix: str) -> Row[ApiKey, User] | None:
        statement = select(ApiKey, User).join(User, User.id == ApiKey.user_id)
        return (await self.session.execute(statement.where(ApiKey.prefix == prefix))).first()
