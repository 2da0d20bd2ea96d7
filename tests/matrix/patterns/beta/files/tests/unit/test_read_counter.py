"""What the pattern promises."""

from httpx2 import AsyncClient

from app.core.read_counter import reads
from tests.factories.item import item_data


async def test_reads_are_counted_and_writes_are_not(client: AsyncClient) -> None:
    reads.clear()
    created = await client.post("/api/v1/items", json=item_data())
    await client.get("/api/v1/items")
    await client.get(created.headers["location"])

    assert reads == {"items": 2}


async def test_refused_requests_are_not_counted(client: AsyncClient) -> None:
    reads.clear()
    await client.get("/api/v1/items?page=0")

    assert reads == {}


async def test_the_further_router_comes_first(client: AsyncClient) -> None:
    await client.post("/api/v1/items", json=item_data())

    response = await client.get("/api/v1/items/count")

    assert response.json() == 1
