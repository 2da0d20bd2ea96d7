"""Leaving without losing a request: readiness goes first, the server closes a moment later."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from app.core.health import Readiness
from app.core.logging import get_logger

logger = get_logger(__name__)

Handler = Callable[[int, FrameType | None], Any]
Farewell = Callable[[], Awaitable[None] | None]
"""Ends what would go on for ever, such as a stream: the server waits for it. What the server would
end in its own way can be waited for here.
"""
FAREWELL_SECONDS = 1
"""How long all of them may take."""


@contextmanager
def drain_before_exit(
    readiness: Readiness, seconds: float, farewells: Sequence[Farewell] = ()
) -> Generator[None]:
    """Hand SIGTERM to the server only `seconds` after readiness has begun to say no.

    A load balancer needs that time to send its requests elsewhere. `fastapi dev` reloads with the
    same signal, and waits for nobody; nor does who presses Ctrl-C.
    """
    loop = asyncio.get_running_loop()
    in_main_thread = threading.current_thread() is threading.main_thread()
    reloading = os.environ.get("FASTAPI_ENV") == "development"
    before: dict[int, Handler] = {}
    stopping: set[asyncio.Task[None]] = set()

    async def stop(number: int, frame: FrameType | None) -> None:
        try:
            await _say_farewell(farewells)
        finally:
            before[number](number, frame)

    def begin_to_stop(number: int, frame: FrameType | None) -> None:
        stopping.add(loop.create_task(stop(number, frame)))

    def handle(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT or reloading:
            loop.call_soon_threadsafe(begin_to_stop, number, frame)
        elif not readiness.draining:
            readiness.draining = True
            logger.info("draining", seconds=seconds)
            loop.call_soon_threadsafe(loop.call_later, seconds, begin_to_stop, number, frame)

    for number in (signal.SIGTERM, signal.SIGINT) if in_main_thread else ():
        stop_server = signal.getsignal(number)
        if callable(stop_server) and stop_server is not signal.default_int_handler:
            before[number] = stop_server
            signal.signal(number, handle)
    try:
        yield
    finally:
        for hooked, stop_server in before.items():
            signal.signal(hooked, stop_server)


async def _say_farewell(farewells: Sequence[Farewell]) -> None:
    """All at once. Nothing that goes wrong here keeps the service from its end."""
    try:
        async with asyncio.timeout(FAREWELL_SECONDS):
            for waiting in [farewell() for farewell in farewells]:
                if waiting is not None:
                    await waiting
    except TimeoutError:
        logger.warning("farewell_cut_short", seconds=FAREWELL_SECONDS)
    except Exception:
        logger.exception("farewell_failed")
