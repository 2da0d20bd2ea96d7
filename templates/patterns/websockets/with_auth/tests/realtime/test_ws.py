"""Access to rooms: users with a valid ticket or token."""

import json

import pytest
from httpx2 import AsyncClient

from app.auth.errors import InvalidToken
from app.lifespan import State
from app.realtime import tickets
from app.realtime.session_watcher import close_ended
from app.realtime.sockets import Member
from app.realtime.tickets import Tickets
from app.redis.client import RedisClient
from app.settings import Settings
from tests.accounts import AUTH, another_client
from tests.realtime.socket_clients import connected, handshake
from tests.waiting import until

LOBBY = "/api/v1/ws/lobby"
HI = {"type": "message", "text": "hi"}


async def ticket_of(client: AsyncClient, room: str = "lobby") -> str:
    response = await client.post("/api/v1/ws/ticket", json={"room": room})
    assert response.status_code == 200, response.text
    assert response.json()["expires_in"] == 30
    assert response.headers["cache-control"] == "no-store"
    return str(response.json()["ticket"])


def token_of(client: AsyncClient) -> str:
    return f"bearer.{client.headers['authorization'].removeprefix('Bearer ')}"


async def test_with_a_ticket_once(client: AsyncClient) -> None:
    path = f"{LOBBY}?ticket={await ticket_of(client)}"
    me = (await client.get("/api/v1/users/me")).json()
    async with connected(handshake(client, path)) as peer:
        peer.send_json(HI)

        assert (await peer.next_message("message"))["sender"] == f"user-{me['id']}"
    async with connected(handshake(client, path)) as again:
        assert (again.status, again.accepted.is_set()) == (401, False)


async def test_with_a_token(client: AsyncClient) -> None:
    async with connected(handshake(client, LOBBY, [token_of(client)])) as peer:
        assert peer.subprotocol == token_of(client)
        peer.send_json(HI)

        assert await peer.next_message("message")


NO_CREDENTIALS: list[tuple[str, list[str]]] = [
    ("", []),
    ("", ["chat"]),
    ("", ["bearer.a.b.c"]),
    ("?ticket=", []),
    ("?ticket=nonsense", []),
]


async def test_not_without(anonymous: AsyncClient, subtests: pytest.Subtests) -> None:
    for query, protocols in NO_CREDENTIALS:
        with subtests.test(query=query, protocols=protocols):
            async with connected(handshake(anonymous, LOBBY + query, protocols)) as peer:
                assert (peer.status, peer.accepted.is_set()) == (401, False)


async def test_a_ticket_is_for_one_room(client: AsyncClient) -> None:
    path = f"{LOBBY}?ticket={await ticket_of(client, 'attic')}"
    async with connected(handshake(client, path)) as peer:
        assert peer.status == 401


async def test_no_ticket_for_an_api_key(client: AsyncClient) -> None:
    """Nobody could end its sockets: they end with a session."""
    made = await client.post(f"{AUTH}/api-keys", json={"name": "bot", "scopes": ["items:read"]})
    async with another_client(client) as program:
        program.headers["X-API-Key"] = made.json()["key"]
        response = await program.post("/api/v1/ws/ticket", json={"room": "lobby"})

    assert response.status_code == 403


async def test_not_from_any_page(client: AsyncClient) -> None:
    foreign = {"origin": "https://evil.com"}
    async with connected(handshake(client, LOBBY, [token_of(client)], foreign)) as peer:
        assert peer.status == 403


class TestEndings:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(access_token_ttl_seconds=900)

    async def test_sockets_of_a_deleted_user_are_closed(
        self, client: AsyncClient, stranger: AsyncClient
    ) -> None:
        path = f"{LOBBY}?ticket={await ticket_of(client)}"
        unused = f"{LOBBY}?ticket={await ticket_of(client)}"
        async with (
            connected(handshake(client, path)) as peer,
            connected(handshake(stranger, LOBBY, [token_of(stranger)])) as other,
        ):
            assert (await client.delete("/api/v1/users/me")).status_code == 204
            await peer.wait_closed()
            other.send_json(HI)

            assert await other.next_message("message")
        assert (peer.close_code, other.close_code) == (4401, None)
        async with connected(handshake(client, unused)) as late:
            assert late.status == 401


class TestSessionWatcher:
    async def test_it_goes_on_after_a_fault(
        self,
        client: AsyncClient,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        faults = iter([ValueError("a fault in the program")])

        async def fail_once(state: State) -> None:
            if fault := next(faults, None):
                raise fault
            await close_ended(state)

        monkeypatch.setattr("app.realtime.session_watcher.close_ended", fail_once)
        async with connected(handshake(client, LOBBY, [token_of(client)])) as peer:
            assert (await client.delete("/api/v1/users/me")).status_code == 204
            await peer.wait_closed()

        assert peer.close_code == 4401
        assert "session_check_failed" in caplog.text


class TestTickets:
    MEMBER = Member(name="ann", session_id=7, expires_at=2e9)

    @pytest.fixture(params=["in process", "in Redis"])
    def tickets(self, request: pytest.FixtureRequest) -> Tickets:
        in_redis = request.param == "in Redis"
        return Tickets(request.getfixturevalue("redis") if in_redis else None)

    async def test_each_is_good_once(self, tickets: Tickets) -> None:
        ticket = await tickets.issue("lobby", self.MEMBER)

        assert await tickets.redeem("lobby", ticket) == self.MEMBER
        with pytest.raises(InvalidToken):
            await tickets.redeem("lobby", ticket)

    async def test_another_process_takes_it(
        self, redis: RedisClient, another_redis: RedisClient
    ) -> None:
        ticket = await Tickets(redis).issue("lobby", self.MEMBER)

        assert await Tickets(another_redis).redeem("lobby", ticket) == self.MEMBER

    async def test_not_for_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tickets, "TICKET_SECONDS", -1)
        own = Tickets(None)
        old = await own.issue("lobby", self.MEMBER)
        await until(lambda: not own._memory)

        with pytest.raises(InvalidToken):
            await own.redeem("lobby", old)

    async def test_redis_forgets_it(self, redis: RedisClient) -> None:
        ticket = await Tickets(redis).issue("lobby", self.MEMBER)
        key = f"{redis.prefix}:ticket:{ticket}"

        assert 0 < await redis.execute("TTL", key) <= 30
        assert json.loads(await redis.execute("GET", key))["room"] == "lobby"
