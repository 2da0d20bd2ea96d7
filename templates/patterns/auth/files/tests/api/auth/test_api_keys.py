"""API keys: what programs use instead of signing in."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.accounts import AUTH, USERS

URL = f"{AUTH}/api-keys"
ME = f"{USERS}/me"


async def create(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    response = await client.post(URL, json={"name": "reports", "scopes": ["admin"]} | changes)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


def header(created: dict[str, Any]) -> dict[str, str]:
    return {"X-API-Key": created["key"]}


async def test_a_key_is_shown_once(admin: AsyncClient) -> None:
    created = await create(admin)

    listed = (await admin.get(URL)).json()["items"]

    assert created["key"].startswith(f"{created['prefix']}.")
    assert listed == [{name: created[name] for name in created if name != "key"}]
    assert created["key"].partition(".")[2] not in str(listed)


async def test_a_key_lets_in(admin: AsyncClient, anonymous: AsyncClient) -> None:
    created = await create(admin)

    me = await anonymous.get(ME, headers=header(created))
    users = await anonymous.get(USERS, headers=header(created))

    assert me.json() == (await admin.get(ME)).json()
    assert users.status_code == 200


BAD_VALUES: list[dict[str, Any]] = [
    {"name": ""},
    {"scopes": []},
    {"scopes": ["nonsense"]},
    {"expires_at": "2001-01-01"},
]


async def test_bad_values_are_refused(admin: AsyncClient, subtests: pytest.Subtests) -> None:
    for change in BAD_VALUES:
        with subtests.test(change=change):
            body = {"name": "reports", "scopes": ["admin"], **change}

            assert (await admin.post(URL, json=body)).status_code == 422


async def test_a_key_can_do_no_more_than_who_makes_it(client: AsyncClient) -> None:
    response = await client.post(URL, json={"name": "reports", "scopes": ["admin"]})

    assert response.status_code == 403
    assert 'scope="admin"' in response.headers["www-authenticate"]


async def test_a_revoked_key_is_dead(admin: AsyncClient, anonymous: AsyncClient) -> None:
    created = await create(admin)

    response = await admin.delete(f"{URL}/{created['id']}")

    assert response.status_code == 204
    assert (await anonymous.get(ME, headers=header(created))).status_code == 401
    assert (await admin.delete(f"{URL}/{created['id']}")).status_code == 404


async def test_the_keys_of_others_are_not_there(admin: AsyncClient, stranger: AsyncClient) -> None:
    created = await create(admin)

    assert (await stranger.get(URL)).json()["total"] == 0
    assert (await stranger.delete(f"{URL}/{created['id']}")).status_code == 404
