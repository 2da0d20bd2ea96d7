"""Settings of tasks in tests: they run beside the requests, and write files of their own."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def task_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests, so that their settings are equal."""
    return tmp_path_factory.mktemp("tasks")


@pytest.fixture(autouse=True)
def tasks_beside_requests(monkeypatch: pytest.MonkeyPatch, task_files: Path) -> None:
    monkeypatch.setenv("QUEUE_IN_PROCESS", "true")
    monkeypatch.setenv("TASK_FILES", str(task_files))
