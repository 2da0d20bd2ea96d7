"""How many streams are open, in all and for each client of this process."""

from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from app.core.errors import Unavailable
from app.core.streams.errors import TooManyStreams
from app.core.streams.settings import StreamSettings

RETRY_SECONDS = 5


class Slots:
    """Each open stream takes one, and gives it back however it ends."""

    def __init__(self, settings: StreamSettings) -> None:
        self._max = settings.streams_max
        self._per_client = settings.streams_per_client
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        return self._taken.total()

    @contextmanager
    def take(self, client: str) -> Generator[None]:
        """Hold a slot for the time of the block.

        Raises:
            TooManyStreams, Unavailable: there is none left for the client, or for anybody.
        """
        if self._taken[client] >= self._per_client:
            raise TooManyStreams(retry_after=RETRY_SECONDS)
        if self.taken >= self._max:
            raise Unavailable("Too many streams are open.", retry_after=RETRY_SECONDS)
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]


@asynccontextmanager
async def open_slots(settings: StreamSettings) -> AsyncGenerator[Slots]:
    """The slots of an application, from its start to its end."""
    yield Slots(settings)
