"""Graceful shutdown: readiness fails first, the server stops after a delay."""

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

SignalHandler = Callable[[int, FrameType | None], Any]
ShutdownHook = Callable[[], Awaitable[None]]
"""Runs before the server stops: it ends streams and WebSockets, for which the server would wait."""
HOOKS_TIMEOUT_SECONDS = 1
"""For all hooks together."""


@contextmanager
def drain_before_exit(
    readiness: Readiness, seconds: float, on_shutdown: Sequence[ShutdownHook] = ()
) -> Generator[None]:
    """At SIGTERM let `/ready` return 503 at once, and stop the server `seconds` later.

    A load balancer needs that time to send its requests to other instances. There is no delay at
    Ctrl-C, or when `fastapi dev` reloads, which sends SIGTERM too.
    """
    loop = asyncio.get_running_loop()
    in_main_thread = threading.current_thread() is threading.main_thread()
    is_reloading = os.environ.get("FASTAPI_ENV") == "development"
    server_handlers: dict[int, SignalHandler] = {}
    tasks: set[asyncio.Task[None]] = set()

    async def stop(number: int, frame: FrameType | None) -> None:
        try:
            await _run_hooks(on_shutdown)
        finally:
            server_handlers[number](number, frame)

    def start_to_stop(number: int, frame: FrameType | None) -> None:
        tasks.add(loop.create_task(stop(number, frame)))

    def start_to_drain(number: int, frame: FrameType | None) -> None:
        logger.info("draining", seconds=seconds)
        loop.call_later(seconds, start_to_stop, number, frame)

    def handle(number: int, frame: FrameType | None) -> None:
        # It interrupts any code, such as the writing of a log line: it must not log itself.
        if number == signal.SIGINT or is_reloading:
            loop.call_soon_threadsafe(start_to_stop, number, frame)
        elif not readiness.draining:
            readiness.draining = True
            loop.call_soon_threadsafe(start_to_drain, number, frame)

    for number in (signal.SIGTERM, signal.SIGINT) if in_main_thread else ():
        handler = signal.getsignal(number)
        if callable(handler) and handler is not signal.default_int_handler:
            server_handlers[number] = handler
            signal.signal(number, handle)
    try:
        yield
    finally:
        for replaced, handler in server_handlers.items():
            signal.signal(replaced, handler)


async def _run_hooks(on_shutdown: Sequence[ShutdownHook]) -> None:
    """Run the hooks. One that fails, or takes too long, does not delay the shutdown."""
    try:
        async with asyncio.timeout(HOOKS_TIMEOUT_SECONDS):
            await asyncio.gather(*(hook() for hook in on_shutdown))
    except TimeoutError:
        logger.warning("shutdown_hooks_timed_out", seconds=HOOKS_TIMEOUT_SECONDS)
    except Exception:
        logger.exception("shutdown_hook_failed")
