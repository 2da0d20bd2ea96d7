from httpx2 import AsyncClient

from app.settings import Settings
from tests.metrics.scrape import scrape


async def test_pools_are_measured(client: AsyncClient, settings: Settings) -> None:
    await client.get("/ready")
    found = await scrape(client)

    assert found["database_pool_connections", "reads", "used"] == 0
    assert found["database_pool_connections", "reads", "idle"] >= 1
    assert found["database_pool_size", "writes"] == settings.database_pool_size
