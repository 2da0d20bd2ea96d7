"""What one says reaches all who are in the room, and whoever misbehaves harms only itself."""

import asyncio
import time
from collections.abc import Collection
from typing import Any

import pytest
from anyio import CancelScope
from starlette.types import Message
from starlette.websockets import WebSocket

from app.core.errors import TooManyRequests, Unavailable
from app.realtime.pubsub import PubSub, open_pubsub
from app.realtime.rooms import Rooms
from app.realtime.socket_settings import MAX_MESSAGE_BYTES
from app.realtime.sockets import SESSION_ENDED, Member
from app.redis.client import RedisClient
from tests.insides.realtime.conftest import Cut
from tests.insides.redis.faults import down
from tests.realtime.socket_clients import SCOPE, Peer, Serve, connected, in_room
from tests.waiting import TIMEOUT, until

HI = {"type": "message", "text": "hi"}


async def test_all_hear_the_speaker_too(rooms: Rooms) -> None:
    async with connected(in_room(rooms, "ann")) as ann, connected(in_room(rooms, "bob")) as bob:
        ann.send_json(HI)

        heard = [await one.next_message("message") for one in (ann, bob)]

    assert heard[0] == heard[1]
    assert {name: heard[0][name] for name in ("room", "sender", "text")} == {
        "room": "lobby",
        "sender": "ann",
        "text": "hi",
    }
    assert heard[0].keys() == {"type", "id", "room", "sender", "text", "at"}


async def test_a_room_is_not_another_one(rooms: Rooms) -> None:
    async with (
        connected(in_room(rooms, "ann")) as ann,
        connected(in_room(rooms, "bob", "attic")) as bob,
    ):
        ann.send_json(HI)
        await ann.next_message("message")
        await rooms.publish("attic", "the service", "here")

        assert (await bob.next_message("message"))["text"] == "here"


async def test_members_are_announced(rooms: Rooms) -> None:
    async with connected(in_room(rooms, "ann")) as ann:
        await ann.wait_for_members("ann")
        async with connected(in_room(rooms, "bob")) as bob, connected(in_room(rooms, "bob")):
            await ann.wait_for_members("ann", "bob")
            await bob.wait_for_members("ann", "bob")

        await ann.wait_for_members("ann")


async def test_a_ping_is_answered_and_what_is_wrong_is_said(rooms: Rooms) -> None:
    async with connected(in_room(rooms, "ann")) as ann:
        for kind in ("shout", "message", ""):
            ann.send_json({"type": kind, "text": ""})
            assert (await ann.next_message("error"))["code"] == "validation_error"
        ann.send_json({"type": "message", "text": "\ud800"})
        assert (await ann.next_message("error"))["code"] == "validation_error"
        ann.send_json({"type": "ping"})

        assert await ann.next_message("pong") == {"type": "pong"}


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
    async with connected(in_room(rooms, "ann")) as ann, connected(in_room(rooms, "bob")) as bob:
        ann.send_frame(**frame)
        await ann.wait_closed()
        bob.send_json(HI)

        assert (await bob.next_message("message"))["text"] == "hi"
        assert (ann.close_code, bob.close_code) == (code, None)


async def test_flooding_clients_are_closed(rooms: Rooms) -> None:
    async with connected(in_room(rooms, "ann")) as ann:
        for _ in range(300):
            ann.send_json({"type": "ping"})
        await ann.wait_closed()

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
            connected(in_room(rooms, "slow")) as slow,
            connected(in_room(rooms, "ann")) as ann,
        ):
            await ann.wait_for_members("ann", "slow")
            slow.reading.clear()
            for _ in range(20):
                ann.send_json(HI)
                await ann.next_message("message")
            await slow.wait_closed()

            assert [client.member.name for client in rooms.clients] == ["ann"]

    async def test_slow_clients_get_the_close_code(
        self, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.realtime.sockets.CLOSE_SECONDS", TIMEOUT)
        async with (
            connected(in_room(rooms, "slow")) as slow,
            connected(in_room(rooms, "ann")) as ann,
        ):
            slow.reading.clear()
            for _ in range(20):
                ann.send_json(HI)
                await ann.next_message("message")
            slow.reading.set()
            await slow.wait_closed()

        assert slow.close_code == 1008


async def test_a_socket_ends_with_its_token(rooms: Rooms) -> None:
    async with connected(in_room(rooms, "ann", expires_at=time.time() + 0.05)) as ann:
        await ann.wait_closed()

    assert ann.close_code == 4401


async def test_sockets_end_with_their_session(rooms: Rooms) -> None:
    async with (
        connected(in_room(rooms, "ann")) as ann,
        connected(in_room(rooms, "robert")) as robert,
    ):
        next(one for one in rooms.clients if one.member.name == "ann").close(SESSION_ENDED)
        await ann.wait_closed()
        robert.send_json(HI)

        assert await robert.next_message("message")
    assert (ann.close_code, robert.close_code) == (4401, None)


async def test_a_busy_process_sends_the_close_code_too(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.realtime.sockets.CLOSE_SECONDS", 0.5)
    async with connected(in_room(rooms, "ann")) as ann:
        await ann.wait_for_members("ann")
        (client,) = rooms.clients
        send = client._socket._send

        async def send_late(message: Message) -> None:
            for _ in range(5):  # until the socket is about to be closed
                await asyncio.sleep(0)
            time.sleep(0.6)  # noqa: ASYNC251  # nothing else runs meanwhile
            await send(message)

        monkeypatch.setattr(client._socket, "_send", send_late)
        client.put("{}")
        client.close(SESSION_ENDED)
        await ann.wait_closed()

    assert ann.close_code == 4401


async def test_shutdown_closes_all_sockets(rooms: Rooms) -> None:
    async with connected(in_room(rooms, "ann")) as ann:
        await rooms._pubsub.close()

        assert ann.close_code == 1001
    with pytest.raises(Unavailable):
        await in_room(rooms, "bob")(Peer())


async def test_sockets_of_one_client_are_limited(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.realtime.rooms.MAX_SOCKETS", 2)

    def enter(address: str, user_id: int | None = None) -> Serve:
        member = Member(name=f"user-{user_id}", user_id=user_id)
        scope = {**SCOPE, "client": (address, 50_000)}

        async def serve(peer: Peer) -> None:
            await rooms.serve(WebSocket(scope, peer.receive, peer.send), "lobby", member)

        return serve

    async with (
        connected(enter("10.0.0.1", 1)),
        connected(enter("10.0.0.2", 1)),
        connected(enter("10.0.0.1", 2)),
        connected(enter("10.0.0.1")),
        connected(enter("10.0.0.1")),
    ):
        for serve in (enter("10.0.0.3", 1), enter("10.0.0.1")):
            with pytest.raises(TooManyRequests):
                await serve(Peer())

    assert rooms._open == {}
    async with connected(enter("10.0.0.1", 1)) as again:
        assert again.accepted.is_set()


async def test_nothing_is_left_of_who_left(rooms: Rooms) -> None:
    for _ in range(5):
        async with connected(in_room(rooms, "ann")), connected(in_room(rooms, "bob")):
            assert len(rooms.clients) == 2

        assert (rooms.clients, rooms._pubsub._subscribers) == (set(), {})


async def test_clients_that_leave_before_acceptance_never_entered(rooms: Rooms) -> None:
    async def refuse(_message: object) -> None:
        raise BrokenPipeError

    socket = WebSocket({**SCOPE}, Peer().receive, refuse)
    with pytest.raises(BrokenPipeError):
        await rooms.serve(socket, "lobby", Member(name="ghost"))

    assert (rooms.clients, rooms._pubsub._subscribers) == (set(), {})
    async with connected(in_room(rooms, "ann")) as ann:
        assert (await ann.next_message("presence"))["members"] == ["ann"]


async def test_cancelled_clients_leave_the_room(rooms: Rooms) -> None:
    async with connected(in_room(rooms, "bob")) as bob:
        peer = Peer()
        serving = asyncio.ensure_future(in_room(rooms, "ann")(peer))
        await bob.wait_for_members("ann", "bob")

        serving.cancel()
        await asyncio.wait({serving})

        assert serving.cancelled()
        await bob.wait_for_members("bob")


@pytest.mark.parametrize("turns", range(8))
async def test_a_cancel_scope_knows_its_own(rooms: Rooms, turns: int) -> None:
    """Such as that of Starlette's TestClient, which says goodbye and waits for nothing."""
    peer = Peer()

    async def leave(scope: CancelScope) -> None:
        await peer.accepted.wait()
        peer.disconnect()
        for _ in range(turns):
            await asyncio.sleep(0)
        scope.cancel()

    with CancelScope() as scope:
        leaving = asyncio.create_task(leave(scope))
        await in_room(rooms, "ann")(peer)

    await leaving
    assert rooms.clients == set()


async def test_a_fault_of_our_own_is_not_hidden(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise TypeError("a fault in the program")

    monkeypatch.setattr(rooms, "publish", fail)
    peer = Peer()
    peer.send_json(HI)

    with pytest.raises(TypeError):
        await in_room(rooms, "ann")(peer)
    assert rooms.clients == set()


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
        async with connected(in_room(one, "ann")) as ann, connected(in_room(other, "bob")) as bob:
            await ann.wait_for_members("ann", "bob")
            ann.send_json(HI)
            assert (await bob.next_message("message"))["sender"] == "ann"
            bob.send_json(HI)
            assert (await ann.next_message("message"))["sender"] == "ann"
            assert (await ann.next_message("message"))["sender"] == "bob"

        assert one._pubsub._subscribers == other._pubsub._subscribers == {}

    async def test_they_hear_each_other_again_after_an_outage(
        self, both: tuple[Rooms, Rooms], redis: RedisClient, another_redis: RedisClient, cut: Cut
    ) -> None:
        one, other = both
        async with connected(in_room(one, "ann")) as ann, connected(in_room(other, "bob")) as bob:
            cut(redis)
            cut(another_redis)
            hearing = [asyncio.ensure_future(each.next_message("message")) for each in (ann, bob)]

            async def all_have_received() -> bool:
                await one.publish("lobby", "ann", "hello?")
                return all(each.done() for each in hearing)

            await until(all_have_received)
            assert [each.result()["text"] for each in hearing] == ["hello?", "hello?"]

    async def test_a_member_is_announced_when_others_can_find_it(
        self, both: tuple[Rooms, Rooms], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.realtime.presence.PRESENCE_SECONDS", 3600)
        one, other = both
        exchange, go_on = one._presence._exchange, asyncio.Event()

        async def exchange_late(*args: Any) -> Collection[str]:
            await go_on.wait()
            return await exchange(*args)

        monkeypatch.setattr(one._presence, "_exchange", exchange_late)
        async with connected(in_room(other, "bob")) as bob:
            await bob.wait_for_members("bob")
            async with connected(in_room(one, "ann")):
                await asyncio.sleep(0.3)  # for an announcement that is too early
                go_on.set()

                await bob.wait_for_members("ann", "bob")

    async def test_all_members_are_shown_again_after_an_outage(
        self, both: tuple[Rooms, Rooms], redis: RedisClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.realtime.presence.PRESENCE_SECONDS", 3600)
        monkeypatch.setattr("app.realtime.presence.RETRY_SECONDS", 0.1)
        one, other = both
        async with connected(in_room(one, "ann")) as ann, connected(in_room(other, "bob")):
            await ann.wait_for_members("ann", "bob")
            redis._breaker.record_failure(TimeoutError())
            async with connected(in_room(other, "eve")):
                await ann.wait_for_members("ann")
                redis._breaker.record_success()

                await ann.wait_for_members("ann", "bob", "eve")

    async def test_clients_of_a_killed_process_disappear(
        self, both: tuple[Rooms, Rooms], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.realtime.presence.PRESENCE_SECONDS", 1)
        one, other = both

        async def live() -> None:
            while True:
                await other._presence.heartbeat("lobby", lambda: [(7, "ghost")])
                await asyncio.sleep(0.1)

        async with connected(in_room(one, "ann")) as ann:
            living = asyncio.create_task(live())
            await ann.wait_for_members("ann", "ghost")
            living.cancel()
            await asyncio.wait({living})

            await ann.wait_for_members("ann")


async def test_members_are_shown_again_after_rubbish_in_redis(
    redis: RedisClient, shared: PubSub, caplog: pytest.LogCaptureFixture
) -> None:
    rooms, key = Rooms(redis, shared), f"{redis.prefix}:presence:lobby"
    await redis.execute("SET", key, "rubbish")

    async with connected(in_room(rooms, "ann")) as ann:
        ann.send_json(HI)
        assert (await ann.next_message("message"))["text"] == "hi"
        await until(lambda: "members_failed" in caplog.text)
        await redis.execute("DEL", key)
        async with connected(in_room(rooms, "bob")):
            await ann.wait_for_members("ann", "bob")


async def test_without_redis_to_ask_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.realtime.rooms.READY_TIMEOUT_SECONDS", 0.01)
    async with down() as redis, open_pubsub(redis) as pubsub:
        rooms = Rooms(redis, pubsub)
        async with connected(in_room(rooms, "ann")) as ann:
            await ann.wait_for_members("ann")
            ann.send_json(HI)

            assert (await ann.next_message("error"))["code"] == "unavailable"
