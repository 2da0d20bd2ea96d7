"""How the tests run tasks: beside the requests, without waiting, and with files of their own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def tasks_beside_requests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What looks by the clock stays away: a task or a commit says that it is there."""
    for name, value in {
        "QUEUE_IN_PROCESS": "true",
        "QUEUE_RELAY_SECONDS": "3600",
        "TASK_FILES": str(tmp_path / "tasks"),
    }.items():
        monkeypatch.setenv(name, value)
