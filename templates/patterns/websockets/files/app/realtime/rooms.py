"""The rooms of a process: clients enter, send messages, and leave."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import ValidationError
from starlette.websockets import WebSocket

from app.core.errors import AppError, Unavailable
from app.realtime.messages import Error, Message, Pong, Say, client_message
from app.realtime.presence import PRESENCE_CHANGED, PRESENCE_SECONDS, Presence, Room
from app.realtime.pubsub import PubSub
from app.realtime.sockets import GOING_AWAY, Member, SocketClient, SocketSettings
from app.redis.client import RedisClient, RedisUnavailable

READY_TIMEOUT_SECONDS = 2.0
"""A new client waits that long for the channel of its room."""


class Rooms:
    """A message reaches all clients of its room in all processes, the sender too."""

    def __init__(self, settings: SocketSettings, redis: RedisClient | None, pubsub: PubSub) -> None:
        self._settings = settings
        self._pubsub = pubsub
        self._presence = Presence(redis, secrets.token_hex(4))
        self._rooms: dict[str, Room] = {}
        self._is_closing = False
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    @property
    def clients(self) -> list[SocketClient]:
        """The clients of this process."""
        return [client for room in self._rooms.values() for client in room.clients]

    async def publish(self, room: str, sender: str, text: str) -> str:
        """Send a message to a room; returns its id.

        Raises:
            Unavailable: Redis does not reply; it is unknown whether the message was sent.
        """
        sent = Message(id=uuid4().hex, room=room, sender=sender, text=text, at=datetime.now(UTC))
        try:
            await self._pubsub.publish(_channel(room), sent.model_dump_json().encode())
        except RedisUnavailable:
            raise Unavailable("The message could not be sent.") from None
        return sent.id

    async def serve(self, socket: WebSocket, name: str, member: Member) -> None:
        """Accept a client, and serve it until one side closes.

        Raises:
            Unavailable: the service is shutting down.
        """
        if self._is_closing:
            raise Unavailable(GOING_AWAY.reason)
        client = SocketClient(socket, member, self._settings)
        with self._entered(name, client) as room:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(READY_TIMEOUT_SECONDS):
                        await room.is_ready.wait()
                await socket.accept(_subprotocol(socket))
                room.update_members(send_always=True)
                await self._announce(name)
                await client.run(lambda text: self._on_message(name, client, text))
            finally:
                # Only the last step waits: the others are done even if this was cancelled.
                room.clients.discard(client)
                self._presence.leave(name, client.number, member.name)
                room.update_members()
                await self._announce(name)

    async def close(self) -> None:
        """Close all sockets, and wait for them: the server would send another close frame."""
        self.start_to_close()
        await self._is_empty.wait()

    def start_to_close(self) -> None:
        """Accept no more clients, and close all sockets."""
        self._is_closing = True
        for client in self.clients:
            client.close(GOING_AWAY)

    async def repeat_presence(self) -> None:
        """Repeat who is present, so that the clients of this process do not expire."""
        while True:
            await asyncio.sleep(PRESENCE_SECONDS / 3)
            for room in tuple(self._rooms.values()):
                room.update_members()

    async def _on_message(self, room: str, client: SocketClient, text: str) -> None:
        try:
            message = client_message.validate_json(text)
            if isinstance(message, Say):
                await self.publish(room, client.member.name, message.text)
            else:
                client.put(Pong().model_dump_json())
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            refusal = Error(code="validation_error", detail=first["msg"])
            client.put(refusal.model_dump_json())
        except AppError as error:
            client.put(Error(code="unavailable", detail=error.detail).model_dump_json())

    async def _announce(self, room: str) -> None:
        with suppress(RedisUnavailable):  # other processes notice it with their next heartbeat
            await self._pubsub.publish(_channel(room), PRESENCE_CHANGED)

    @contextmanager
    def _entered(self, name: str, client: SocketClient) -> Generator[Room]:
        if (room := self._rooms.get(name)) is None:
            room = self._rooms[name] = Room(name, self._presence)
            self._pubsub.subscribe(_channel(name), room)
        room.clients.add(client)
        room.connections += 1
        self._is_empty.clear()
        try:
            yield room
        finally:
            room.clients.discard(client)
            room.connections -= 1
            if not room.connections:
                del self._rooms[name]
                self._pubsub.unsubscribe(_channel(name))
                room.close()
            if not self._rooms:
                self._is_empty.set()


def _channel(room: str) -> str:
    return f"rooms:{room}"


def _subprotocol(socket: WebSocket) -> str | None:
    """One that the client offers, as browsers require; not the token if there is another."""
    offered: list[str] = socket.scope.get("subprotocols", [])
    plain = [one for one in offered if not one.startswith("bearer.")]
    return next(iter([*plain, *offered]), None)


@asynccontextmanager
async def open_rooms(
    settings: SocketSettings, redis: RedisClient | None, pubsub: PubSub
) -> AsyncGenerator[Rooms]:
    """The rooms of an application."""
    rooms = Rooms(settings, redis, pubsub)
    repeating = asyncio.create_task(rooms.repeat_presence())
    try:
        yield rooms
    finally:
        rooms.start_to_close()
        repeating.cancel()
        await asyncio.gather(repeating, return_exceptions=True)
