"""Requests of this process that want the same value share one load."""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """At most one load at a time for each key."""

    def __init__(self) -> None:
        self._loading: dict[object, Future[T]] = {}

    async def run(self, key: object, load: Callable[[], Awaitable[T]]) -> T:
        """The result or the error of `load`, which the first caller runs for all others.

        If the first caller is cancelled, the next one loads.
        """
        while (running := self._loading.get(key)) is not None:
            await asyncio.wait({running})
            if not running.cancelled():
                return running.result()
        future: Future[T] = asyncio.get_running_loop().create_future()
        self._loading[key] = future
        try:
            future.set_result(await load())
        except asyncio.CancelledError:
            future.cancel()
            raise
        except BaseException as error:  # noqa: BLE001  # all callers raise it, this one below
            future.set_exception(error)
        finally:
            del self._loading[key]
        return await future
