"""Run tasks in a process of its own: `python -m app.workers`."""

import argparse
import asyncio
import signal
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import FrameType

from fastapi import FastAPI

from app.core.environment import SettingsError
from app.core.logging import configure_logging, get_logger
from app.lifespan import lifespan
from app.settings import Settings, get_settings
from app.workers.running import PARTS, run_parts

logger = get_logger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until SIGTERM or Ctrl-C; what is running then is finished, or put back."""
    parser = argparse.ArgumentParser(prog="python -m app.workers", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="one part alone; by default both")
    parser.add_argument("--queues", default="", help="such as high,default; by default all")
    given = parser.parse_args(arguments)
    settings = get_settings()
    queues = [name.strip() for name in given.queues.split(",") if name.strip()]
    configure_logging(settings.log_level, as_json=settings.in_production)
    check_shared(settings)
    check_queues(settings, queues)
    asyncio.run(run(settings, [given.only] if given.only else PARTS, queues))


def check_shared(settings: Settings) -> None:
    """See whether another process than that of the service can work at all.

    Raises:
        SettingsError: it names the setting that is wrong.
    """
    if not settings.redis_url.get_secret_value():
        raise SettingsError("A worker of its own needs REDIS_URL; else the service runs tasks.")
    if reasons := [*settings.single_process_constraints(dict(settings))]:
        raise SettingsError(f"A worker is one process more: {'; '.join(reasons)}.")


def check_queues(settings: Settings, queues: Sequence[str]) -> None:
    """See whether these queues are known.

    Raises:
        SettingsError: one is not.
    """
    if unknown := set(queues).difference(settings.queue_names):
        raise SettingsError(f"QUEUE_NAMES does not list {', '.join(sorted(unknown))}.")


async def run(settings: Settings, parts: Sequence[str], queues: Sequence[str]) -> None:
    """Open what the service has open, and run these parts."""
    async with lifespan(settings)(FastAPI()) as state:
        stopping = asyncio.Event()
        with set_at_a_stop(stopping):
            logger.info("worker_started", parts=list(parts), queues=list(queues))
            grace = settings.shutdown_grace_seconds
            await run_parts(state, stopping, grace=grace, parts=parts, queues=queues)
    logger.info("worker_stopped")


@contextmanager
def set_at_a_stop(stopping: asyncio.Event) -> Generator[None]:
    """Set the event at SIGTERM and Ctrl-C; on Windows too, where loops handle no signals."""
    loop = asyncio.get_running_loop()

    def stop(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    main()
