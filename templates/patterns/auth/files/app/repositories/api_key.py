"""Where API keys are kept."""

from app.core.repository import Query
from app.core.storage import Repository
from app.models.api_key import ApiKey


class ApiKeyRepository(Repository[ApiKey]):
    model = ApiKey
    searched = ("name",)

    async def with_prefix(self, prefix: str) -> ApiKey | None:
        return await self.first(Query(any_of={"prefix": [prefix]}))
