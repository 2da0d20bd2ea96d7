"""Run tasks and schedules in a process of its own: `python -m app.worker`."""

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
from app.queue.engine_worker import run_engine
from app.settings import Settings, get_settings

logger = get_logger(__name__)

NEEDS_A_SECOND_PROCESS = "A worker is a second process beside the service:"
IN_PROCESS_INSTEAD = "With QUEUE_IN_PROCESS=true, the service runs its tasks itself."


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until SIGTERM or Ctrl-C. Tasks finish within the grace period, or are enqueued again."""
    parser = argparse.ArgumentParser(prog="python -m app.worker", description=__doc__)
    parser.add_argument("--queues", default="", help="such as high,default; all by default")
    queues = [name.strip() for name in parser.parse_args(arguments).queues.split(",")]
    settings = get_settings()
    configure_logging(settings.log_level, as_json=settings.in_production)
    check_settings(settings)
    asyncio.run(run(settings, [*filter(None, queues)]))


def check_settings(settings: Settings) -> None:
    """Check that a second process may run: the worker.

    Raises:
        SettingsError: it names the setting that is wrong.
    """
    if reasons := [*settings.single_process_constraints(dict(settings))]:
        lines = [f"  {reason}" for reason in reasons]
        raise SettingsError("\n".join([NEEDS_A_SECOND_PROCESS, *lines, IN_PROCESS_INSTEAD]))


async def run(settings: Settings, queues: Sequence[str]) -> None:
    """Open the resources of the service, and run tasks."""
    async with lifespan(settings)(FastAPI()) as state:
        stopping = asyncio.Event()
        with set_on_signal(stopping):
            logger.info("worker_started", queues=queues or "all")
            grace = settings.shutdown_grace_seconds
            await run_engine(state, stopping, grace=grace, queues=queues)
    logger.info("worker_stopped")


@contextmanager
def set_on_signal(stopping: asyncio.Event) -> Generator[None]:
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
