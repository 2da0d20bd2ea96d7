"""At SIGTERM, `/ready` fails first, and the server stops after a delay."""

import asyncio
import os
import signal
from types import FrameType

import pytest

from app.core.health import Readiness
from app.core.shutdown import drain_before_exit
from tests.waiting import until


async def test_the_server_stops_after_the_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = asyncio.Event()
    ended: list[bool] = []

    def stop_server(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    async def hook() -> None:
        ended.append(stopped.is_set())

    monkeypatch.setattr(signal, "getsignal", lambda _: stop_server)
    readiness = Readiness({}, timeout=1)
    started_at = asyncio.get_running_loop().time()
    with drain_before_exit(readiness, 0.05, [hook]):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)

        assert readiness.draining
        await until(stopped.is_set)

    assert asyncio.get_running_loop().time() - started_at > 0.04
    assert ended == [False]
