"""Items as files are those of who asks."""

from httpx2 import AsyncClient

from tests.factories.item import item_data

URL = "/api/v1/items"


async def test_only_one_s_own_are_exported(
    client: AsyncClient, stranger: AsyncClient, admin: AsyncClient
) -> None:
    await client.post(URL, json=item_data())

    counts = [
        len((await caller.get(f"{URL}/export.jsonl")).text.splitlines())
        for caller in (client, stranger, admin)
    ]

    assert counts == [1, 0, 1]
