"""The first admin of a service that forgets its users."""

import pytest

from app.core.storage import Storage
from app.repositories.user import UserRepository
from app.services.admin_at_start import make_admin_at_start
from app.settings import Settings


async def test_the_one_of_the_settings(settings: Settings, storage: Storage) -> None:
    for _ in range(2):  # twice is once
        await make_admin_at_start(settings, storage)

    users = await UserRepository(storage.reads).after(0, 10)
    assert [(user.email, user.role) for user in users] == [(settings.first_admin_email, "admin")]


async def test_nobody_when_nobody_is_named(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIRST_ADMIN_PASSWORD")

    await make_admin_at_start(Settings(), storage)

    assert await UserRepository(storage.reads).after(0, 10) == []
