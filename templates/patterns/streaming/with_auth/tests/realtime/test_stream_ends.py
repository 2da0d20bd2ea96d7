"""A stream goes on as long as what has let its client in is good."""

import pytest
from httpx2 import AsyncClient

from app.auth.repository import SessionRepository
from app.core.errors import Unavailable
from tests.accounts import AUTH, USERS, another_client
from tests.realtime.stream_clients import get_request, open_stream

NEWS = "/api/v1/events/news"


@pytest.fixture(autouse=True)
def fast_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("streams", "topics"):
        monkeypatch.setattr(f"app.realtime.{module}.HEARTBEAT_SECONDS", 0.05)


async def test_it_ends_with_the_session(client: AsyncClient, stranger: AsyncClient) -> None:
    async with (
        open_stream(*get_request(client, NEWS)) as mine,
        open_stream(*get_request(stranger, NEWS)) as another_s,
    ):
        assert [await mine.next_chunk(), await another_s.next_chunk()] == [b": open\n\n"] * 2
        assert (await client.delete(f"{USERS}/me")).status_code == 204

        await mine.wait_closed()

        await stranger.post(NEWS, json={"type": "n", "data": {}})
        while not (await another_s.next_chunk()).startswith(b"id: "):
            pass


async def test_it_ends_with_the_key(client: AsyncClient) -> None:
    key = {"name": "bot", "scopes": ["events:read"]}
    made = (await client.post(f"{AUTH}/api-keys", json=key)).json()
    async with another_client(client) as program:
        program.headers["X-API-Key"] = made["key"]
        async with open_stream(*get_request(program, NEWS)) as stream:
            assert await stream.next_chunk() == b": open\n\n"
            assert (await client.delete(f"{AUTH}/api-keys/{made['id']}")).status_code == 204

            await stream.wait_closed()


async def test_it_does_not_end_while_nobody_can_tell(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def fail(_self: SessionRepository, handle: str) -> None:
        asked.append(handle)
        raise Unavailable("The database does not answer.")

    async with open_stream(*get_request(client, NEWS)) as stream:
        await stream.next_chunk()
        monkeypatch.setattr(SessionRepository, "get_by_handle", fail)
        while len(asked) < 2:
            assert await stream.next_chunk() == b": alive\n\n"
