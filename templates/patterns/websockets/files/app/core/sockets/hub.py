"""All rooms of a process: who enters, who speaks, who has to leave."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Collection, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import ValidationError
from starlette.websockets import WebSocket

from app.core.errors import AppError, Unavailable
from app.core.fanout.channels import Fanout
from app.core.sockets.client import Client, Member
from app.core.sockets.closing import GOING_AWAY, Closing
from app.core.sockets.presence import Presence
from app.core.sockets.room import CHANGED, Room
from app.core.sockets.settings import SocketSettings
from app.redis.client import RedisClient, RedisUnavailable
from app.schemas.message import Fault, Message, Pong, Say, from_client

PATIENCE_SECONDS = 2.0
"""How long who enters waits for the channel of the room before the door opens all the same."""


class Hub:
    """What is said in a room reaches all who are in it, in every process, the speaker too."""

    def __init__(self, settings: SocketSettings, redis: RedisClient | None, fanout: Fanout) -> None:
        self._settings = settings
        self._fanout = fanout
        self._presence = Presence(redis, secrets.token_hex(4), settings.presence_seconds)
        self._rooms: dict[str, Room] = {}
        self._is_closing = False
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    @property
    def clients(self) -> list[Client]:
        """Those of this process."""
        return [client for room in self._rooms.values() for client in room.clients]

    async def publish(self, room: str, sender: str, text: str) -> str:
        """Say something in a room; the id of the message.

        Raises:
            Unavailable: Redis does not answer; nobody knows whether it was heard.
        """
        said = Message(id=uuid4().hex, room=room, sender=sender, text=text, at=datetime.now(UTC))
        try:
            await self._fanout.publish(_channel(room), said.model_dump_json().encode())
        except RedisUnavailable:
            raise Unavailable("The message could not be sent.") from None
        return said.id

    async def serve(self, socket: WebSocket, name: str, member: Member) -> None:
        """Let somebody into a room, until one of both sides ends it.

        Raises:
            Unavailable: the service is about to stop.
        """
        if self._is_closing:
            raise Unavailable(GOING_AWAY.reason)
        client = Client(socket, member, self._settings)
        with self._in_room(name, client) as room:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await room.is_open.wait()
                await socket.accept(_subprotocol(socket))
                room.look(again=True)
                await self._say(name, CHANGED)
                await client.talk(lambda text: self._hear(name, client, text))
            finally:
                # All but the last step is done without waiting, even if this was cancelled.
                room.clients.discard(client)
                self._presence.part(name, client.number, member.name)
                room.look()
                await self._say(name, CHANGED)

    async def close(self) -> None:
        """Send everybody away, and wait until they have gone: they may come back elsewhere.

        The server would not wait, and tell them something else.
        """
        self.send_away()
        await self._is_empty.wait()

    def send_away(self) -> None:
        """Let nobody in any more, and everybody out."""
        self._is_closing = True
        for client in self.clients:
            client.close(GOING_AWAY)

    def close_sessions(self, ids: Collection[int | None], closing: Closing) -> None:
        """End the sockets of this process that belong to these sessions."""
        for client in self.clients:
            if client.member.session_id in ids:
                client.close(closing)

    async def keep_present(self) -> None:
        """Say again and again who is there, and notice who is not any more."""
        while True:
            await asyncio.sleep(self._settings.presence_seconds / 3)
            for room in tuple(self._rooms.values()):
                room.look()

    async def _hear(self, room: str, client: Client, text: str) -> None:
        try:
            said = from_client.validate_json(text)
            if isinstance(said, Say):
                await self.publish(room, client.member.name, said.text)
            else:
                client.put(Pong().model_dump_json())
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            fault = Fault(code="validation_error", detail=first["msg"])
            client.put(fault.model_dump_json())
        except AppError as error:
            client.put(Fault(code="unavailable", detail=error.detail).model_dump_json())

    async def _say(self, room: str, message: bytes) -> None:
        with suppress(RedisUnavailable):  # it will be noticed, only later
            await self._fanout.publish(_channel(room), message)

    @contextmanager
    def _in_room(self, name: str, client: Client) -> Generator[Room]:
        if (room := self._rooms.get(name)) is None:
            room = self._rooms[name] = Room(name, self._presence)
            self._fanout.join(_channel(name), room)
        room.clients.add(client)
        room.visitors += 1
        self._is_empty.clear()
        try:
            yield room
        finally:
            room.clients.discard(client)
            room.visitors -= 1
            if not room.visitors:
                del self._rooms[name]
                self._fanout.leave(_channel(name))
                room.close()
            if not self._rooms:
                self._is_empty.set()


def _channel(room: str) -> str:
    return f"rooms:{room}"


def _subprotocol(socket: WebSocket) -> str | None:
    """One of those that the client offers, as a browser expects it; rather not the token."""
    offered: list[str] = socket.scope.get("subprotocols", [])
    plain = [one for one in offered if not one.startswith("bearer.")]
    return next(iter([*plain, *offered]), None)


@asynccontextmanager
async def open_hub(
    settings: SocketSettings, redis: RedisClient | None, fanout: Fanout
) -> AsyncGenerator[Hub]:
    """The rooms of an application, from its start to its end."""
    hub = Hub(settings, redis, fanout)
    keeping = asyncio.create_task(hub.keep_present())
    try:
        yield hub
    finally:
        hub.send_away()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
