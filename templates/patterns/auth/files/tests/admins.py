"""The admin of the tests, made as the command makes one."""

import pytest

from app.core.storage import Storage
from app.schemas.user import UserCreate
from app.services.first_admin import make_admin
from app.settings import Settings
from tests.accounts import PASSWORD


@pytest.fixture
async def admin_email(settings: Settings, storage: Storage) -> str:
    data = UserCreate.model_validate({"email": "admin@example.com", "password": PASSWORD})
    return (await make_admin(settings, storage, data)).email
