"""API key queries."""

from sqlalchemy import select

from app.db.repository import Repository
from app.models.api_key import ApiKey


class ApiKeyRepository(Repository[ApiKey]):
    model = ApiKey
    searched = ("name",)

    async def get_by_prefix(self, prefix: str) -> ApiKey | None:
        statement = select(ApiKey).where(ApiKey.prefix == prefix)
        return await self.session.scalar(self.scoped(statement))
