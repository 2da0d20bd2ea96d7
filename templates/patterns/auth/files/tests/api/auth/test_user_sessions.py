"""Sessions go on by refreshing, and end at once."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from app.settings import Settings
from tests.accounts import AUTH, PASSWORD, USERS, bearer, get_tokens, register

NEW_PASSWORD = "another tall ship"


@pytest.fixture
def settings() -> Settings:
    return Settings(refresh_grace_seconds=0)


@pytest.fixture
async def user(anonymous: AsyncClient) -> dict[str, Any]:
    return await register(anonymous)


@pytest.fixture
async def tokens(anonymous: AsyncClient, user: dict[str, Any]) -> dict[str, Any]:
    return await get_tokens(anonymous, user["email"])


async def refresh(client: AsyncClient, tokens: dict[str, Any]) -> Response:
    return await client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})


async def is_alive(client: AsyncClient, tokens: dict[str, Any]) -> bool:
    """Whether the access token is accepted; if not, the refresh token is not either."""
    is_accepted = (await client.get(f"{USERS}/me", headers=bearer(tokens))).status_code == 200
    return is_accepted or (await refresh(client, tokens)).status_code == 200


async def test_a_refresh_token_is_used_once(anonymous: AsyncClient, tokens: dict[str, Any]) -> None:
    response = await refresh(anonymous, tokens)
    following = response.json()

    assert (response.status_code, following.keys()) == (200, tokens.keys())
    assert await is_alive(anonymous, following)
    assert (await refresh(anonymous, tokens)).status_code == 401
    assert not await is_alive(anonymous, following)


async def test_logout_ends_one_session(
    anonymous: AsyncClient, user: dict[str, Any], tokens: dict[str, Any]
) -> None:
    other = await get_tokens(anonymous, user["email"])
    body = {"refresh_token": tokens["refresh_token"]}

    response = await anonymous.post(f"{AUTH}/logout", headers=bearer(tokens), json=body)

    assert (response.status_code, response.content) == (204, b"")
    assert not await is_alive(anonymous, tokens)
    assert await is_alive(anonymous, other)


async def test_a_new_password_ends_all_sessions(
    anonymous: AsyncClient, user: dict[str, Any], tokens: dict[str, Any]
) -> None:
    other = await get_tokens(anonymous, user["email"])
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    response = await anonymous.post(f"{AUTH}/password", headers=bearer(tokens), json=body)

    assert response.status_code == 204
    assert not await is_alive(anonymous, tokens)
    assert not await is_alive(anonymous, other)
    form = {"username": user["email"], "password": NEW_PASSWORD}
    assert (await anonymous.post(f"{AUTH}/token", data=form)).status_code == 200


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "admin"}, None], ids=str)
async def test_disabling_promoting_and_deleting_end_all_sessions(
    anonymous: AsyncClient,
    admin: AsyncClient,
    user: dict[str, Any],
    tokens: dict[str, Any],
    change: dict[str, Any] | None,
) -> None:
    url = f"{USERS}/{user['id']}"
    response = await (admin.delete(url) if change is None else admin.patch(url, json=change))

    assert response.status_code in (200, 204)
    assert not await is_alive(anonymous, tokens)
