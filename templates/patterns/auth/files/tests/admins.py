"""The admin of the tests, made as the command makes one."""

import pytest

from app.admin import make_admin
from app.auth.schemas import UserCreate
from app.db.database import Database
from app.settings import Settings
from tests.accounts import PASSWORD


@pytest.fixture
async def admin_email(settings: Settings, database: Database) -> str:
    data = UserCreate.model_validate({"email": "admin@example.com", "password": PASSWORD})
    return (await make_admin(settings, database, data)).email
