"""User queries."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, delete, select

from app.db.repository import Repository
from app.models.user import User


class UserRepository(Repository[User]):
    model = User
    searched = ("email", "full_name")

    async def get_by_email(self, email: str) -> User | None:
        return await self.session.scalar(select(User).where(User.email == email))

    async def delete(self, row: User) -> None:
        """Delete a user, and all rows that it owns."""
        for key in _keys_to_delete_first():
            await self._unit_of_work.execute(delete(key.table).where(key == row.id))
        await super().delete(row)


@cache
def _keys_to_delete_first() -> Sequence[Column[Any]]:
    """The columns of owners, for tables that refer to other owned tables.

    MySQL checks each reference by itself while it deletes the rows of an owner: rows that refer to
    other such rows have to go first.
    """
    users = User.metadata.tables[User.__tablename__]
    keys = {
        key.parent.table: key.parent
        for table in User.metadata.tables.values()
        for key in table.foreign_keys
        if key.ondelete == "CASCADE" and key.column.table is users
    }
    return [
        keys[table]
        for table in reversed(User.metadata.sorted_tables)
        if table in keys and any(key.column.table in keys for key in table.foreign_keys)
    ]
