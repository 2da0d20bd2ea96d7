"""Readiness goes first, the server closes a moment later."""

import asyncio
import os
import signal
from types import FrameType

import pytest

from app.core.health import Readiness
from app.core.shutdown import drain_before_exit
from tests.waiting import until


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
        await until(stopped.is_set)


async def test_what_would_go_on_ends_before_the_server_does(
    readiness: Readiness, stopped: asyncio.Event
) -> None:
    told: list[bool] = []

    def tell() -> None:
        told.append(stopped.is_set())

    async def tell_and_wait() -> None:
        tell()
        await asyncio.sleep(0.05)
        tell()

    with drain_before_exit(readiness, 0, [tell, tell_and_wait]):
        os.kill(os.getpid(), signal.SIGTERM)
        await until(stopped.is_set)

    assert told == [False] * 3


@pytest.mark.parametrize("fault", [None, ValueError("a fault in the program")])
async def test_who_does_not_end_is_not_waited_for(
    readiness: Readiness,
    stopped: asyncio.Event,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception | None,
) -> None:
    monkeypatch.setattr("app.core.shutdown.FAREWELL_SECONDS", 0.05)

    async def go_on() -> None:
        if fault is not None:
            raise fault
        await asyncio.Event().wait()

    with drain_before_exit(readiness, 0, [go_on]):
        os.kill(os.getpid(), signal.SIGTERM)
        await until(stopped.is_set)

    assert "farewell" in caplog.text


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
