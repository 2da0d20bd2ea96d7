"""The process of a worker: what it needs, and how it ends."""

import asyncio
import signal

import pytest

from app import worker
from app.core.environment import SettingsError
from app.settings import Settings
from tests.waiting import until


def test_a_worker_needs_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///app.db")

    with pytest.raises(SettingsError, match=r"(?s)\n  tasks need .*QUEUE_IN_PROCESS"):
        worker.check_settings(Settings())


async def test_it_ends_at_sigterm(settings: Settings) -> None:
    before = signal.getsignal(signal.SIGTERM)
    running = asyncio.create_task(worker.run(settings, ["default"]))
    # The lifespan has a handler of its own; that of the worker comes after it.
    await until(lambda: "set_on_signal" in str(signal.getsignal(signal.SIGTERM)))

    signal.raise_signal(signal.SIGTERM)
    await running

    assert signal.getsignal(signal.SIGTERM) is before
