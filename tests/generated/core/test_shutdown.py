"""Readiness fails first, the server stops after a delay."""

import asyncio
import os
import signal
from types import FrameType
from unittest.mock import Mock

import pytest
from uvicorn import Config
from uvicorn.supervisors.multiprocess import SIGNALS

from app.core.health import Readiness
from app.core.server import Supervisor
from app.core.shutdown import drain_before_exit
from app.settings import Settings
from tests.waiting import TIMEOUT, until


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


async def test_the_server_stops_after_the_drain(
    readiness: Readiness, stopped: asyncio.Event
) -> None:
    with drain_before_exit(readiness, seconds=0.05):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)

        assert readiness.draining
        assert not stopped.is_set()
        await until(stopped.is_set)


async def test_no_line_is_logged_while_the_signal_interrupts_other_code(
    readiness: Readiness, stopped: asyncio.Event, caplog: pytest.LogCaptureFixture
) -> None:
    with drain_before_exit(readiness, seconds=0):
        os.kill(os.getpid(), signal.SIGTERM)

        assert readiness.draining
        assert "draining" not in caplog.text
        await until(stopped.is_set)
        assert "draining" in caplog.text


async def test_hooks_run_before_the_server_stops(
    readiness: Readiness, stopped: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[bool] = []
    monkeypatch.setattr("app.core.shutdown.HOOKS_TIMEOUT_SECONDS", TIMEOUT)

    async def hook() -> None:
        calls.append(stopped.is_set())

    async def slow_hook() -> None:
        await asyncio.sleep(0.05)
        calls.append(stopped.is_set())

    with drain_before_exit(readiness, 0, [hook, slow_hook]):
        os.kill(os.getpid(), signal.SIGTERM)
        await until(stopped.is_set)

    assert calls == [False, False]


@pytest.mark.parametrize("error", [None, ValueError("a bug")])
async def test_a_hook_that_hangs_or_fails_does_not_keep_the_server_from_stopping(
    readiness: Readiness,
    stopped: asyncio.Event,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception | None,
) -> None:
    monkeypatch.setattr("app.core.shutdown.HOOKS_TIMEOUT_SECONDS", 0.05)

    async def hook() -> None:
        if error is not None:
            raise error
        await asyncio.Event().wait()

    with drain_before_exit(readiness, 0, [hook]):
        os.kill(os.getpid(), signal.SIGTERM)
        await until(stopped.is_set)

    assert "shutdown_hook" in caplog.text


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


@pytest.mark.parametrize(("environment", "seconds"), [("production", 5), ("development", 1)])
def test_the_default_drain(
    environment: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHUTDOWN_DRAIN_SECONDS", raising=False)
    monkeypatch.setenv("ENVIRONMENT", environment)
    monkeypatch.setenv("SECRET_KEY", "0123456789-abcdefghijklmnopqrstuvwxyz")

    assert Settings(_env_file=None).drain_seconds == seconds


def test_the_supervisor_passes_sigterm_to_the_workers_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        supervisor = Supervisor(Config("app.main:app", workers=2), [])
        supervisor.processes = [
            Mock(pid=pid, process=Mock(is_alive=lambda alive=alive: alive))
            for pid, alive in [(1, True), (2, False), (None, True)]
        ]
        signal.raise_signal(signal.SIGTERM)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

    assert sent == [(1, signal.SIGTERM)]
    assert supervisor.signal_queue == [signal.SIGTERM]
