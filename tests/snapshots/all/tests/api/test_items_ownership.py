"""Items belong to their creator."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.accounts import another_client, bearer, get_tokens, register
from tests.factories.item import item_data

URL = "/api/v1/items"


@pytest.fixture
async def created(client: AsyncClient) -> dict[str, Any]:
    """A row of the user of `client`."""
    response = await client.post(URL, json=item_data())
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


async def test_rows_of_others_are_404(created: dict[str, Any], stranger: AsyncClient) -> None:
    url = f"{URL}/{created['id']}"

    assert (await stranger.get(url)).status_code == 404
    assert (await stranger.head(url)).status_code == 404
    assert (await stranger.put(url, json=item_data())).status_code == 404
    assert (await stranger.patch(url, json={})).status_code == 404
    assert (await stranger.delete(url)).status_code == 404
    assert (await stranger.get(URL)).json()["total"] == 0
    assert (await stranger.get(f"{URL}/cursor")).json()["items"] == []


async def test_admins_change_rows_of_others(
    created: dict[str, Any], client: AsyncClient, admin: AsyncClient
) -> None:
    url = f"{URL}/{created['id']}"

    assert (await admin.get(url)).json() == created
    assert (await admin.get(URL)).json()["total"] == 1
    assert (await admin.put(url, json=item_data())).status_code == 200
    assert (await client.get(url)).status_code == 200
    assert (await admin.delete(url)).status_code == 204
    assert (await client.get(url)).status_code == 404


async def test_rows_of_admins_are_their_own(client: AsyncClient, admin: AsyncClient) -> None:
    made = (await admin.post(URL, json=item_data())).json()

    assert (await client.get(f"{URL}/{made['id']}")).status_code == 404
    assert (await admin.get(f"{URL}/{made['id']}")).status_code == 200


async def test_the_owner_is_not_taken_from_the_body(
    created: dict[str, Any], client: AsyncClient
) -> None:
    url = f"{URL}/{created['id']}"
    for changes in ({"owner_id": 1}, {"id": 1}):
        data = item_data(**changes)

        assert (await client.post(URL, json=data)).status_code == 422
        assert (await client.put(url, json=data)).status_code == 422
        assert (await client.patch(url, json=data)).status_code == 422
    assert "owner_id" not in created


async def test_scopes_limit_a_token(client: AsyncClient) -> None:
    email = (await register(client))["email"]
    less, more = "items:read", "items:write"
    async with another_client(client) as reader:
        reader.headers.update(bearer(await get_tokens(reader, email, less)))

        allowed = await reader.get(URL)
        refused = await reader.post(URL, json=item_data())

    assert (allowed.status_code, refused.status_code) == (200, 403)
    assert f'scope="{more}"' in refused.headers["www-authenticate"]


async def test_rows_are_deleted_with_their_user(
    created: dict[str, Any], client: AsyncClient, admin: AsyncClient
) -> None:
    assert (await client.delete("/api/v1/users/me")).status_code == 204

    assert (await admin.get(f"{URL}/{created['id']}")).status_code == 404
