"""The rooms of a process: clients enter, send messages, and leave."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from pydantic import ValidationError
from starlette.websockets import WebSocket

from app.core.addresses import network
from app.core.errors import AppError, TooManyRequests, Unavailable
from app.realtime.messages import Error, Message, Pong, Say, client_message
from app.realtime.presence import Presence, Room, channel_of
from app.realtime.pubsub import PubSub
from app.realtime.sockets import Member, SocketClient
from app.redis.client import RedisClient, RedisUnavailable

READY_TIMEOUT_SECONDS = 2.0
"""A new client waits that long for the channel of its room."""
MAX_SOCKETS = 1000
"""Of a user, or of an address without users, in one process: each costs memory and broadcasts."""
RETRY_SECONDS = 5


class Rooms:
    """A message reaches all clients of its room in all processes, the sender too."""

    def __init__(self, redis: RedisClient | None, pubsub: PubSub) -> None:
        self._pubsub = pubsub
        self._presence = Presence(redis, pubsub, secrets.token_hex(4))
        self.clients: set[SocketClient] = set()
        """The clients of this process."""
        self._open: Counter[str] = Counter()

    async def publish(self, room: str, sender: str, text: str) -> str:
        """Send a message to a room; returns its id.

        Raises:
            Unavailable: Redis does not reply; it is unknown whether the message was sent.
        """
        sent = Message(id=uuid4().hex, room=room, sender=sender, text=text, at=datetime.now(UTC))
        try:
            await self._pubsub.publish(channel_of(room), sent.model_dump_json().encode())
        except RedisUnavailable:
            raise Unavailable("The message could not be sent.") from None
        return sent.id

    async def serve(self, socket: WebSocket, name: str, member: Member) -> None:
        """Accept a client, and serve it until one side closes.

        Raises:
            TooManyRequests: the user, or the address, has too many sockets.
            Unavailable: the service is shutting down.
        """
        client = SocketClient(socket, member)
        with self._counted(_owner(socket, member)), self._entered(name, client) as room:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(READY_TIMEOUT_SECONDS):
                        await room.is_ready.wait()
                await socket.accept(_subprotocol(socket))
                room.update_members(send_always=True)
                await client.run(lambda text: self._on_message(name, client, text))
            finally:
                # Only the last step waits: the others are done even if this was cancelled.
                room.clients.discard(client)
                self._presence.leave(name, client.number, member.name)
                room.update_members()
                await self._presence.announce(name)

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

    @contextmanager
    def _counted(self, owner: str) -> Generator[None]:
        if self._open[owner] >= MAX_SOCKETS:
            raise TooManyRequests("You have too many sockets open.", retry_after=RETRY_SECONDS)
        self._open[owner] += 1
        try:
            yield
        finally:
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]

    @contextmanager
    def _entered(self, name: str, client: SocketClient) -> Generator[Room]:
        make = partial(Room, name, self._presence)
        with self._pubsub.subscription(channel_of(name), make) as room:
            room.clients.add(client)
            self.clients.add(client)
            try:
                yield room
            finally:
                self.clients.remove(client)


def _owner(socket: WebSocket, member: Member) -> str:
    if member.user_id is not None:
        return member.name
    return network(socket.client.host if socket.client else "")


def _subprotocol(socket: WebSocket) -> str | None:
    """One that the client offers, as browsers require; not the token if there is another."""
    offered: list[str] = socket.scope.get("subprotocols", [])
    plain = [one for one in offered if not one.startswith("bearer.")]
    return next(iter([*plain, *offered]), None)
