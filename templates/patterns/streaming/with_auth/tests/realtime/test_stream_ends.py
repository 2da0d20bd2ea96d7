"""A stream goes on as long as what has let its client in is good."""

import pytest
from httpx2 import AsyncClient

from app.auth.repository import SessionRepository
from app.core.errors import Unavailable
from tests.accounts import AUTH, USERS, another
from tests.realtime.calls import calling, to

NEWS = "/api/v1/events/news"


@pytest.fixture(autouse=True)
def fast_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("streams", "topics"):
        monkeypatch.setattr(f"app.realtime.{module}.HEARTBEAT_SECONDS", 0.05)


async def test_it_ends_with_the_session(client: AsyncClient, stranger: AsyncClient) -> None:
    async with calling(*to(client, NEWS)) as mine, calling(*to(stranger, NEWS)) as another_s:
        assert [await mine.next(), await another_s.next()] == [b": open\n\n"] * 2
        assert (await client.delete(f"{USERS}/me")).status_code == 204

        await mine.end()

        await stranger.post(NEWS, json={"type": "n", "data": {}})
        while not (await another_s.next()).startswith(b"id: "):
            pass


async def test_it_ends_with_the_key(client: AsyncClient) -> None:
    key = {"name": "bot", "scopes": ["events:read"]}
    made = (await client.post(f"{AUTH}/api-keys", json=key)).json()
    async with another(client) as program:
        program.headers["X-API-Key"] = made["key"]
        async with calling(*to(program, NEWS)) as stream:
            assert await stream.next() == b": open\n\n"
            assert (await client.delete(f"{AUTH}/api-keys/{made['id']}")).status_code == 204

            await stream.end()


async def test_it_does_not_end_while_nobody_can_tell(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def fail(_self: SessionRepository, handle: str) -> None:
        asked.append(handle)
        raise Unavailable("The database does not answer.")

    async with calling(*to(client, NEWS)) as stream:
        await stream.next()
        monkeypatch.setattr(SessionRepository, "get_by_handle", fail)
        while len(asked) < 2:
            assert await stream.next() == b": alive\n\n"
