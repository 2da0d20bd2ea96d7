"""User queries."""

from sqlalchemy import select

from app.db.repository import Repository
from app.models.user import User


class UserRepository(Repository[User]):
    model = User
    searched = ("email", "full_name")

    async def get_by_email(self, email: str) -> User | None:
        return await self.session.scalar(select(User).where(User.email == email))
