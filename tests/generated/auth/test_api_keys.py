"""API keys: what programs use instead of signing in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.accounts import AUTH, USERS, bearer, get_tokens, register

URL = f"{AUTH}/api-keys"
ME = f"{USERS}/me"


async def create(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    response = await client.post(URL, json={"name": "reports", "scopes": ["admin"]} | changes)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


def header(created: dict[str, Any]) -> dict[str, str]:
    return {"X-API-Key": created["key"]}


async def test_a_key_that_is_over_already_is_refused(admin: AsyncClient) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()

    response = await admin.post(
        URL, json={"name": "reports", "scopes": ["admin"], "expires_at": past}
    )

    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", "expires_at"]


@pytest.mark.parametrize("key", ["{prefix}", "{prefix}.", "{prefix}.x", "x.{secret}", ".{secret}"])
async def test_half_a_key_is_none(admin: AsyncClient, anonymous: AsyncClient, key: str) -> None:
    prefix, _, secret = (await create(admin))["key"].partition(".")
    half = {"X-API-Key": key.format(prefix=prefix, secret=secret)}

    assert (await anonymous.get(ME, headers=half)).status_code == 401


async def test_a_key_of_somebody_who_is_gone_is_dead(
    admin: AsyncClient, anonymous: AsyncClient
) -> None:
    users = [await register(anonymous) for _ in range(2)]
    keys = []
    for user in users:
        await admin.patch(f"{USERS}/{user['id']}", json={"role": "admin"})
        signed_in = bearer(await get_tokens(anonymous, user["email"]))
        body = {"name": "all", "scopes": ["admin"]}
        keys.append((await anonymous.post(URL, json=body, headers=signed_in)).json())
    await admin.patch(f"{USERS}/{users[0]['id']}", json={"is_active": False})
    await admin.delete(f"{USERS}/{users[1]['id']}")

    for key in keys:
        assert (await anonymous.get(ME, headers=header(key))).status_code == 401


async def test_a_key_loses_what_its_owner_loses(admin: AsyncClient, anonymous: AsyncClient) -> None:
    user = await register(anonymous)
    await admin.patch(f"{USERS}/{user['id']}", json={"role": "admin"})
    signed_in = bearer(await get_tokens(anonymous, user["email"]))
    body = {"name": "all", "scopes": ["admin"]}
    key = (await anonymous.post(URL, json=body, headers=signed_in)).json()
    assert (await anonymous.get(USERS, headers=header(key))).status_code == 200

    await admin.patch(f"{USERS}/{user['id']}", json={"role": "user"})

    assert (await anonymous.get(USERS, headers=header(key))).status_code == 403


async def test_elsewhere_it_is_nothing(admin: AsyncClient, anonymous: AsyncClient) -> None:
    key = (await create(admin))["key"]

    assert (await anonymous.get(f"{ME}?api_key={key}")).status_code == 401
    assert (await anonymous.get(ME, headers={"Cookie": f"api_key={key}"})).status_code == 401


class TestElsewhereWhenAllowed:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(api_keys_in_query=True, api_keys_in_cookie=True)

    async def test_it_lets_in(self, admin: AsyncClient, anonymous: AsyncClient) -> None:
        key = (await create(admin))["key"]

        assert (await anonymous.get(f"{ME}?api_key={key}")).status_code == 200
        assert (await anonymous.get(ME, headers={"Cookie": f"api_key={key}"})).status_code == 200
        assert (await anonymous.get(ME)).status_code == 401

    async def test_another_page_changes_nothing_by_cookie(
        self, admin: AsyncClient, anonymous: AsyncClient
    ) -> None:
        headers = {"Cookie": f"api_key={(await create(admin))['key']}"}
        evil = headers | {"Origin": "https://evil.example"}

        from_there = await anonymous.delete(f"{USERS}/999", headers=evil)
        from_here = await anonymous.delete(f"{USERS}/999", headers=headers)

        assert from_there.json()["detail"] == "Cross-origin request refused."
        assert from_here.status_code == 404  # it got as far as the user
