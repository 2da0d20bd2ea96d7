"""Followers of topics, and subscribers of channels."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, asynccontextmanager

from app.realtime.pubsub import PubSub
from app.realtime.topics import OPENED, Topics


class Recorder:
    """A subscriber that records its messages, from `subscribe` to `unsubscribe`."""

    def __init__(self) -> None:
        self.connections = 0
        self.messages: list[bytes] = []
        self.is_shut_down = False
        self.is_closed = False
        self._subscriptions = ExitStack()

    def subscribe(self, pubsub: PubSub, channel: str) -> None:
        self._subscriptions.enter_context(pubsub.subscription(channel, lambda: self))

    def unsubscribe(self) -> None:
        self._subscriptions.close()

    def connected(self) -> None:
        self.connections += 1

    def receive(self, message: bytes) -> None:
        if message == b"broken":
            raise ValueError(message)
        self.messages.append(message)

    def shut_down(self) -> None:
        self.is_shut_down = True

    def close(self) -> None:
        self.is_closed = True


@asynccontextmanager
async def following(
    topics: Topics, topic: str = "news", last_id: str | None = None
) -> AsyncGenerator[AsyncGenerator[bytes]]:
    """An open stream."""
    async with aclosing(topics.follow(topic, last_id)) as chunks:
        assert await anext(chunks) == OPENED
        yield chunks


async def ids(chunks: AsyncGenerator[bytes], count: int) -> list[str]:
    """The ids of the next events."""
    found: list[str] = []
    while len(found) < count:
        chunk = await anext(chunks)
        found += [
            line.removeprefix("id: ")
            for line in chunk.decode().splitlines()
            if line.startswith("id: ")
        ]
    return found


async def publish(topics: Topics, count: int, topic: str = "news") -> list[str]:
    return [await topics.publish(topic, "n", {"n": number}) for number in range(count)]
