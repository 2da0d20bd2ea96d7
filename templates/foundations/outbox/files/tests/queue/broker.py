"""The broker of the tests: the one in TEST_TASK_BROKER_URL, for tests that use `task_broker`.

All other tests run tasks without it, since a worker takes longer to start than most of them.
Another worker of the same broker would take the tasks of the tests.
"""

import os

import pytest


@pytest.fixture(autouse=True)
def broker_url(monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The URL, which settings do not have."""
    url = os.environ.get("TASK_BROKER_URL")
    monkeypatch.delenv("TASK_BROKER_URL", raising=False)
    return url


@pytest.fixture
def task_broker(broker_url: str | None, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The URL, which settings have too."""
    if broker_url is not None:
        monkeypatch.setenv("TASK_BROKER_URL", broker_url)
    return broker_url
