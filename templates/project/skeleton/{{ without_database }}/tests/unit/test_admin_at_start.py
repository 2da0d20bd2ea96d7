"""The first admin of a service that forgets its users."""

from typing import Any

import pytest

from app.admin_at_start import make_admin_at_start
from app.core.storage import Storage
from app.repositories.user import UserRepository
from app.settings import Settings


async def test_the_one_of_the_settings(settings: Settings, storage: Storage) -> None:
    state: Any = {"settings": settings, "storage": storage}
    for _ in range(2):  # twice is once
        async with make_admin_at_start(state):
            pass

    users = await UserRepository(storage.reads).after(0, 10)
    assert [(user.email, user.role) for user in users] == [(settings.first_admin_email, "admin")]


async def test_nobody_when_nobody_is_named(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIRST_ADMIN_PASSWORD")

    state: Any = {"settings": Settings(), "storage": storage}
    async with make_admin_at_start(state):
        pass

    assert await UserRepository(storage.reads).after(0, 10) == []
