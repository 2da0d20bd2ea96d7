"""`python -m app`."""

from typing import Any

import pytest
import uvicorn

from app.__main__ import main
from app.settings import get_settings


def test_the_server_gets_what_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: given.update(options, app=app))
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("ROOT_PATH", "/shop")
    monkeypatch.setenv("SHUTDOWN_GRACE_SECONDS", "5")
    monkeypatch.setenv("SHUTDOWN_DRAIN_SECONDS", "2")
    get_settings.cache_clear()

    main()

    get_settings.cache_clear()
    assert given["app"] == "app.main:app"
    assert given["port"] == 9000
    assert given["root_path"] == "/shop"
    assert given["timeout_graceful_shutdown"] == 2
    assert given["timeout_worker_healthcheck"] == 30
    assert given["server_header"] is False
