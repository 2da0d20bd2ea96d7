"""Readiness goes first, the server closes a moment later."""

import asyncio
import os
import signal
from types import FrameType

import pytest

from app.core.health import Readiness
from app.core.shutdown import drain_before_exit


@pytest.fixture
def stopped() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
def readiness(stopped: asyncio.Event, monkeypatch: pytest.MonkeyPatch) -> Readiness:
    """As if a server were running: it has its own handler for SIGTERM."""

    def stop_server(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    monkeypatch.setattr(signal, "getsignal", lambda _: stop_server)
    return Readiness({}, timeout=1)


async def test_the_server_is_stopped_after_the_drain(
    readiness: Readiness, stopped: asyncio.Event
) -> None:
    with drain_before_exit(readiness, seconds=0.05):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)

        assert readiness.draining
        assert not stopped.is_set()
        await asyncio.wait_for(stopped.wait(), timeout=10)


async def test_a_reload_does_not_wait(
    readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_ENV", "development")
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with drain_before_exit(readiness, seconds=0):
            os.kill(os.getpid(), signal.SIGTERM)

            assert not readiness.draining
    finally:
        signal.signal(signal.SIGTERM, before)
