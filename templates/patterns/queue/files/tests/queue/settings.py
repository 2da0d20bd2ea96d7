"""How the tests run tasks: beside the requests, without waiting, and with files of their own."""

from pathlib import Path

import pytest

from app.core.queue import task


@pytest.fixture(scope="session")
def task_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests, so that their settings are equal; tasks have names of their own."""
    return tmp_path_factory.mktemp("tasks")


@pytest.fixture(autouse=True)
def tasks_beside_requests(monkeypatch: pytest.MonkeyPatch, task_files: Path) -> None:
    """What looks by the clock stays away: a task or a commit says that it is there."""
    for name, value in {
        "QUEUE_IN_PROCESS": "true",
        "QUEUE_POLL_SECONDS": "0.05",
        "QUEUE_RELAY_SECONDS": "3600",
        "TASK_FILES": str(task_files),
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def tasks_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service have those in `tests/queue/tasks`, in place of its own."""
    monkeypatch.setattr(task, "FOLDER", "tests.queue.tasks")
