"""Exports of items have the rows of the user."""

from httpx2 import AsyncClient

from tests.factories.item import item_data

URL = "/api/v1/items"


async def test_exports_have_only_own_rows(
    client: AsyncClient, stranger: AsyncClient, admin: AsyncClient
) -> None:
    await client.post(URL, json=item_data())

    counts = [
        len((await caller.get(f"{URL}/export.jsonl")).text.splitlines())
        for caller in (client, stranger, admin)
    ]

    assert counts == [1, 0, 1]
