from app.cache.routes import CacheDep
from app.main import create_app
from app.settings import Settings
from tests.metrics.scrape import scrape
from tests.serving import serve


async def read_number(cache: CacheDep) -> int:
    async def load() -> int:
        return 7

    return await cache.get_or_load("number", load, of=int)


async def test_hits_and_misses_are_counted(settings: Settings) -> None:
    app = create_app(settings)
    app.add_api_route("/number", read_number)
    async with serve(app) as client:
        for _ in range(3):
            assert (await client.get("/number")).json() == 7
        found = await scrape(client)

    assert found["cache_lookups_total", "misses"] == 1
    assert found["cache_lookups_total", "hits"] == 2
