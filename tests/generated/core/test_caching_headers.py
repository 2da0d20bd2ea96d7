"""Caching headers of all routes: each encoding has its own `ETag`, also with compression."""

import pytest
from httpx2 import AsyncClient, Response

from app.middleware.gzip import GZip

LISTED_BY_ADMINS = ("/dead", "/users")
DOCUMENT, ITEMS = "/openapi.json", "/api/v1/items"


async def paths_of(client: AsyncClient) -> list[str]:
    """The paths of all routes that are read without parameters, and of an item."""
    item = await client.post(ITEMS, json={"name": "Lamp", "price": "12.50"})
    document = (await client.get(DOCUMENT)).json()
    found = [path for path, each in document["paths"].items() if "get" in each and "{" not in path]
    read = [path for path in found if not path.endswith(LISTED_BY_ADMINS)]
    return [*read, item.headers["location"], DOCUMENT]


async def test_each_encoding_has_its_own_tag(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GZip, "_is_large", lambda _, start: start["status"] == 200)

    async def get(path: str, encoding: str, etag: str = "") -> Response:
        headers = {"Accept-Encoding": encoding, "If-None-Match": etag}
        response = await client.get(path, headers=headers)
        assert response.headers["vary"] == "Accept-Encoding", path
        assert response.headers["cache-control"], path
        return response

    tagged = 0
    for path in await paths_of(client):
        plain, compressed = await get(path, "identity"), await get(path, "gzip")
        assert (plain.status_code, compressed.status_code) == (200, 200), path
        assert compressed.headers["content-encoding"] == "gzip"
        if plain.headers["content-type"] != "application/json":
            continue
        tagged += 1
        assert plain.headers["etag"] != compressed.headers["etag"], path
        for encoding, response in {"identity": plain, "gzip": compressed}.items():
            again = await get(path, encoding, response.headers["etag"])
            assert (again.status_code, again.content) == (304, b""), path
    assert tagged >= 5
