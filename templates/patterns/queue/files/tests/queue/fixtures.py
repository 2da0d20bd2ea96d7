"""Tests run tasks in the process of the service, with a folder for their files."""

from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from tests.waiting import until


@pytest.fixture(scope="session")
def task_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests, so that their settings are equal."""
    return tmp_path_factory.mktemp("tasks")


@pytest.fixture(autouse=True)
def tasks_in_process(monkeypatch: pytest.MonkeyPatch, task_files: Path) -> None:
    monkeypatch.setenv("QUEUE_IN_PROCESS", "true")
    monkeypatch.setenv("TASK_FILES", str(task_files))


async def finished(client: AsyncClient, accepted: Response) -> dict[str, Any]:
    """Wait until the task that a response has accepted has finished; returns the task."""

    async def read_finished() -> dict[str, Any] | None:
        task: dict[str, Any] = (await client.get(accepted.headers["location"])).json()
        return task if task["status"] not in ("queued", "running") else None

    found: dict[str, Any] = await until(read_finished)
    return found
