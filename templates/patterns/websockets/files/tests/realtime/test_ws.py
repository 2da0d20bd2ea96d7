"""Access to rooms: all clients, but only pages of allowed origins."""

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.realtime.socket_clients import connected, handshake

LOBBY = "/api/v1/ws/lobby"


@pytest.fixture
def settings() -> Settings:
    return Settings(allowed_origins=("https://shop.example.com",))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://test"},
        {"origin": "https://test", "host": "test:443"},
        {"origin": "https://shop.example.com"},
    ],
)
async def test_programs_and_our_own_pages(client: AsyncClient, headers: dict[str, str]) -> None:
    async with connected(handshake(client, LOBBY, headers=headers)) as peer:
        peer.send_json({"type": "message", "text": "hi"})

        assert (await peer.next_message("message"))["sender"].startswith("guest-")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (LOBBY, {"origin": "https://evil.example.com"}, 403),
        (LOBBY, {"origin": "null"}, 403),
        (LOBBY, {"origin": "https://test:8443"}, 403),
        (LOBBY, {"host": "evil.example.com"}, 400),
        ("/api/v1/ws/a b", {}, 422),
        (f"/api/v1/ws/{'x' * 65}", {}, 422),
    ],
)
async def test_others_get_a_problem_instead(
    client: AsyncClient, path: str, headers: dict[str, str], status: int
) -> None:
    async with connected(handshake(client, path, headers=headers)) as peer:
        assert (peer.status, peer.accepted.is_set()) == (status, False)
