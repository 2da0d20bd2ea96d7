"""Leaving without losing a request: readiness goes first, the server closes a moment later."""

import asyncio
import os
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from app.core.health import Readiness
from app.core.logging import get_logger

logger = get_logger(__name__)


@contextmanager
def drain_before_exit(readiness: Readiness, seconds: float) -> Generator[None]:
    """Hand SIGTERM to the server only `seconds` after readiness has begun to say no.

    A load balancer needs that time to send its requests elsewhere. `fastapi dev` reloads with the
    same signal, and waits for nobody.
    """
    stop_server = signal.getsignal(signal.SIGTERM)
    in_main_thread = threading.current_thread() is threading.main_thread()
    reloading = os.environ.get("FASTAPI_ENV") == "development"
    if not callable(stop_server) or not in_main_thread or reloading:
        yield
        return
    loop = asyncio.get_running_loop()

    def drain(number: int, frame: FrameType | None) -> None:
        if not readiness.draining:
            readiness.draining = True
            logger.info("draining", seconds=seconds)
            loop.call_soon_threadsafe(loop.call_later, seconds, stop_server, number, frame)

    signal.signal(signal.SIGTERM, drain)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, stop_server)
