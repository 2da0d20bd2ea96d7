"""Where users are kept."""

from app.core.repository import Query
from app.core.storage import Repository
from app.models.user import User


class UserRepository(Repository[User]):
    model = User
    searched = ("email", "full_name")

    async def with_email(self, email: str) -> User | None:
        return await self.first(Query(any_of={"email": [email]}))
