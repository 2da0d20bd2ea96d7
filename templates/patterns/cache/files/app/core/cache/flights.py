"""Loads under way in this process: whoever wants the same waits for the one that loads it."""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """One load at a time for the same key."""

    def __init__(self) -> None:
        self._loading: dict[object, Future[T]] = {}

    async def join(self, key: object, load: Callable[[], Awaitable[T]]) -> T:
        """What `load` gives to the first that comes; the others wait for that, errors included.

        If the first is cancelled, the next one loads.
        """
        while (under_way := self._loading.get(key)) is not None:
            try:
                return await asyncio.shield(under_way)
            except asyncio.CancelledError:
                if not under_way.cancelled():
                    raise
        future: Future[T] = asyncio.get_running_loop().create_future()
        self._loading[key] = future
        try:
            loaded = await load()
        except asyncio.CancelledError:
            future.cancel()
            raise
        except BaseException as error:
            future.set_exception(error)
            future.exception()  # if nobody waits for it, it is not a lost one
            raise
        else:
            future.set_result(loaded)
            return loaded
        finally:
            del self._loading[key]
