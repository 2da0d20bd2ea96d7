"""Where users are kept."""

from collections.abc import Collection

from app.core.repository import Query
from app.core.storage import Repository
from app.models.user import User

REFERENCES = ("user_id", "owner_id")
"""Fields that say which user a row belongs to."""


class UserRepository(Repository[User]):
    model = User
    searched = ("email", "full_name")

    async def with_email(self, email: str) -> User | None:
        return await self.first(Query(any_of={"email": [email]}))

    async def remove(self, row_id: int, *, versions: Collection[int] | None = None) -> None:
        """Delete the user, and what belongs to the user: a database does that by itself."""
        await super().remove(row_id, versions=versions)
        unit = self._unit()
        for model in unit.models():
            for row in list(unit.rows(model).values()):
                if any(getattr(row, name, None) == row_id for name in REFERENCES):
                    unit.write(model, row.id, None)
