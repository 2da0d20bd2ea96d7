"""Exports of items are never cached."""

from httpx2 import AsyncClient

from tests.factories.item import item_data

URL = "/api/v1/items"


async def test_an_export_is_never_out_of_date(client: AsyncClient) -> None:
    for count in range(1, 4):
        await client.post(URL, json=item_data())

        for _ in range(2):
            export = await client.get(f"{URL}/export.jsonl")
            page = (await client.get(URL)).json()

            assert len(export.text.splitlines()) == page["total"] == count
            assert export.headers["cache-control"] == "private, no-store"
            assert "etag" not in export.headers
