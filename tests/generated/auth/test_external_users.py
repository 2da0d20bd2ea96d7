"""Rooms for users of an external identity provider."""

from collections.abc import Iterator

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.accounts import USERS
from tests.insides.auth.provider import AUDIENCE, ISSUER, Provider, run_provider
from tests.realtime.socket_clients import connected, handshake


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def settings(provider: Provider) -> Settings:
    values = {"jwt_jwks_issuer": ISSUER, "jwt_jwks_audience": AUDIENCE}
    return Settings.model_validate({"jwt_jwks_url": provider.url, **values})


async def test_with_a_ticket(
    anonymous: AsyncClient, admin: AsyncClient, provider: Provider
) -> None:
    headers = {"Authorization": f"Bearer {provider.token()}"}
    user = (await anonymous.get(f"{USERS}/me", headers=headers)).json()

    async def path() -> str:
        body = {"room": "lobby"}
        issued = await anonymous.post("/api/v1/ws/ticket", json=body, headers=headers)
        return f"/api/v1/ws/lobby?ticket={issued.json()['ticket']}"

    async with connected(handshake(anonymous, await path())) as peer:
        await peer.wait_for_members(f"user-{user['id']}")

    unused = await path()
    async with connected(handshake(anonymous, await path())) as peer:
        await peer.wait_for_members(f"user-{user['id']}")
        await admin.patch(f"{USERS}/{user['id']}", json={"is_active": False})
        await peer.wait_closed()
        assert peer.close_code == 4401

    async with connected(handshake(anonymous, unused)) as disabled:
        assert disabled.status == 401
