"""What one says reaches all who are in the room, and whoever misbehaves harms only itself."""

import asyncio
import time

import pytest
from anyio import CancelScope
from starlette.websockets import WebSocket

from app.core.errors import Unavailable
from app.realtime.pubsub import open_pubsub
from app.realtime.rooms import Rooms
from app.realtime.sockets import MAX_MESSAGE_BYTES, SESSION_ENDED, Member, SocketSettings
from app.redis.client import RedisClient
from tests.insides.realtime.conftest import Cut
from tests.insides.redis.faults import down
from tests.realtime.socket_clients import SCOPE, Peer, connected, entering
from tests.waiting import until

HI = {"type": "message", "text": "hi"}


async def test_all_hear_the_speaker_too(rooms: Rooms) -> None:
    async with connected(entering(rooms, "ann")) as ann, connected(entering(rooms, "bob")) as bob:
        ann.say(HI)

        heard = [await one.next("message") for one in (ann, bob)]

    assert heard[0] == heard[1]
    assert {name: heard[0][name] for name in ("room", "sender", "text")} == {
        "room": "lobby",
        "sender": "ann",
        "text": "hi",
    }
    assert heard[0].keys() == {"type", "id", "room", "sender", "text", "at"}


async def test_a_room_is_not_another_one(rooms: Rooms) -> None:
    async with (
        connected(entering(rooms, "ann")) as ann,
        connected(entering(rooms, "bob", "attic")) as bob,
    ):
        ann.say(HI)
        await ann.next("message")
        await rooms.publish("attic", "the service", "here")

        assert (await bob.next("message"))["text"] == "here"


async def test_members_are_announced(rooms: Rooms) -> None:
    async with connected(entering(rooms, "ann")) as ann:
        await ann.members("ann")
        async with connected(entering(rooms, "bob")) as bob, connected(entering(rooms, "bob")):
            await ann.members("ann", "bob")
            await bob.members("ann", "bob")

        await ann.members("ann")


async def test_a_ping_is_answered_and_what_is_wrong_is_said(rooms: Rooms) -> None:
    async with connected(entering(rooms, "ann")) as ann:
        for kind in ("shout", "message", ""):
            ann.say({"type": kind, "text": ""})
            assert (await ann.next("error"))["code"] == "validation_error"
        ann.say({"type": "message", "text": "\ud800"})
        assert (await ann.next("error"))["code"] == "validation_error"
        ann.say({"type": "ping"})

        assert await ann.next("pong") == {"type": "pong"}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"bytes": b"x"}, 1003),
        ({"text": "x" * (MAX_MESSAGE_BYTES + 1)}, 1009),
        ({"text": "ä" * (MAX_MESSAGE_BYTES // 2 + 1)}, 1009),
    ],
    ids=["binary", "large", "large in UTF-8"],
)
async def test_invalid_messages_close_the_socket(
    rooms: Rooms, frame: dict[str, object], code: int
) -> None:
    async with connected(entering(rooms, "ann")) as ann, connected(entering(rooms, "bob")) as bob:
        ann.put(**frame)
        await ann.end()
        bob.say(HI)

        assert (await bob.next("message"))["text"] == "hi"
        assert (ann.close_code, bob.close_code) == (code, None)


async def test_flooding_clients_are_closed(rooms: Rooms) -> None:
    async with connected(entering(rooms, "ann")) as ann:
        for _ in range(300):
            ann.say({"type": "ping"})
        await ann.end()

    assert ann.close_code == 1008


class TestSlow:
    @pytest.fixture(autouse=True)
    def small_buffer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.realtime.sockets.BUFFER_SIZE", 5)

    async def test_slow_clients_are_closed_and_block_nobody(
        self, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.realtime.sockets.CLOSE_SECONDS", 0.01)
        async with (
            connected(entering(rooms, "slow")) as slow,
            connected(entering(rooms, "ann")) as ann,
        ):
            await ann.members("ann", "slow")
            slow.reads.clear()
            for _ in range(20):
                ann.say(HI)
                await ann.next("message")
            await slow.end()

            assert [client.member.name for client in rooms.clients] == ["ann"]

    async def test_slow_clients_get_the_close_code(self, rooms: Rooms) -> None:
        async with (
            connected(entering(rooms, "slow")) as slow,
            connected(entering(rooms, "ann")) as ann,
        ):
            slow.reads.clear()
            for _ in range(20):
                ann.say(HI)
                await ann.next("message")
            slow.reads.set()
            await slow.end()

        assert slow.close_code == 1008


async def test_a_socket_ends_with_its_token(rooms: Rooms) -> None:
    async with connected(entering(rooms, "ann", expires_at=time.time() + 0.05)) as ann:
        await ann.end()

    assert ann.close_code == 4401


async def test_sockets_end_with_their_session(rooms: Rooms) -> None:
    async with (
        connected(entering(rooms, "ann")) as ann,
        connected(entering(rooms, "robert")) as robert,
    ):
        next(one for one in rooms.clients if one.member.name == "ann").close(SESSION_ENDED)
        await ann.end()
        robert.say(HI)

        assert await robert.next("message")
    assert (ann.close_code, robert.close_code) == (4401, None)


async def test_shutdown_closes_all_sockets(rooms: Rooms) -> None:
    async with connected(entering(rooms, "ann")) as ann:
        await rooms.close()

        assert ann.close_code == 1001
    with pytest.raises(Unavailable):
        await entering(rooms, "bob")(Peer())


async def test_nothing_is_left_of_who_left(rooms: Rooms) -> None:
    for _ in range(5):
        async with connected(entering(rooms, "ann")), connected(entering(rooms, "bob")):
            assert len(rooms.clients) == 2

        assert (rooms.clients, rooms._rooms) == ([], {})


async def test_clients_that_leave_before_acceptance_never_entered(rooms: Rooms) -> None:
    async def refuse(_message: object) -> None:
        raise BrokenPipeError

    socket = WebSocket({**SCOPE}, Peer().receive, refuse)
    with pytest.raises(BrokenPipeError):
        await rooms.serve(socket, "lobby", Member(name="ghost"))

    assert (rooms.clients, rooms._rooms) == ([], {})
    async with connected(entering(rooms, "ann")) as ann:
        assert (await ann.next("presence"))["members"] == ["ann"]


async def test_cancelled_clients_leave_the_room(rooms: Rooms) -> None:
    async with connected(entering(rooms, "bob")) as bob:
        peer = Peer()
        serving = asyncio.ensure_future(entering(rooms, "ann")(peer))
        await bob.members("ann", "bob")

        serving.cancel()
        await asyncio.wait({serving})

        assert serving.cancelled()
        await bob.members("bob")


@pytest.mark.parametrize("turns", range(8))
async def test_a_cancel_scope_knows_its_own(rooms: Rooms, turns: int) -> None:
    """Such as that of Starlette's TestClient, which says goodbye and waits for nothing."""
    peer = Peer()

    async def leave(scope: CancelScope) -> None:
        await peer.accepted.wait()
        peer.leave()
        for _ in range(turns):
            await asyncio.sleep(0)
        scope.cancel()

    with CancelScope() as scope:
        leaving = asyncio.create_task(leave(scope))
        await entering(rooms, "ann")(peer)

    await leaving
    assert rooms.clients == []


async def test_a_fault_of_our_own_is_not_hidden(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise TypeError("a fault in the program")

    monkeypatch.setattr(rooms, "publish", fail)
    peer = Peer()
    peer.say(HI)

    with pytest.raises(TypeError):
        await entering(rooms, "ann")(peer)
    assert rooms.clients == []


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [([], None), (["chat"], "chat"), (["bearer.a", "chat"], "chat"), (["bearer.a"], "bearer.a")],
)
async def test_a_subprotocol_is_chosen(
    rooms: Rooms, offered: list[str], chosen: str | None
) -> None:
    async def serve(peer: Peer) -> None:
        socket = WebSocket({**SCOPE, "subprotocols": offered}, peer.receive, peer.send)
        await rooms.serve(socket, "lobby", Member(name="ann"))

    async with connected(serve) as peer:
        assert peer.subprotocol == chosen


class TestProcesses:
    async def test_they_share_rooms(self, both: tuple[Rooms, Rooms]) -> None:
        one, other = both
        async with connected(entering(one, "ann")) as ann, connected(entering(other, "bob")) as bob:
            await ann.members("ann", "bob")
            ann.say(HI)
            assert (await bob.next("message"))["sender"] == "ann"
            bob.say(HI)
            assert (await ann.next("message"))["sender"] == "ann"
            assert (await ann.next("message"))["sender"] == "bob"

        assert one._rooms == other._rooms == {}

    async def test_they_hear_each_other_again_after_an_outage(
        self, both: tuple[Rooms, Rooms], redis: RedisClient, another_redis: RedisClient, cut: Cut
    ) -> None:
        one, other = both
        async with connected(entering(one, "ann")) as ann, connected(entering(other, "bob")) as bob:
            cut(redis)
            cut(another_redis)
            hearing = [asyncio.ensure_future(each.next("message")) for each in (ann, bob)]

            async def all_have_heard() -> bool:
                await one.publish("lobby", "ann", "hello?")
                return all(each.done() for each in hearing)

            await until(all_have_heard)
            assert [each.result()["text"] for each in hearing] == ["hello?", "hello?"]

    async def test_clients_of_a_killed_process_disappear(
        self, both: tuple[Rooms, Rooms], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for module in ("presence", "rooms"):
            monkeypatch.setattr(f"app.realtime.{module}.PRESENCE_SECONDS", 1)
        one, other = both
        await other._presence.heartbeat("lobby", lambda: [(7, "ghost")])
        keeping = asyncio.create_task(one.repeat_presence())
        async with connected(entering(one, "ann")) as ann:
            await ann.members("ann", "ghost")

            await ann.members("ann")
        keeping.cancel()


async def test_without_redis_to_ask_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.realtime.rooms.READY_TIMEOUT_SECONDS", 0.01)
    async with down() as redis, open_pubsub(None, redis) as pubsub:
        rooms = Rooms(SocketSettings(), redis, pubsub)
        async with connected(entering(rooms, "ann")) as ann:
            await ann.members("ann")
            ann.say(HI)

            assert (await ann.next("error"))["code"] == "unavailable"
