"""Clients of the tests: `client` is signed in as a user; here are the others."""

from collections.abc import AsyncGenerator, Generator

import pytest
from httpx2 import AsyncClient
from starlette.types import ASGIApp

from app.admin import make_admin
from app.auth.repository import UserRepository
from app.auth.schemas import UserCreate
from app.core.query import RowScope
from app.db.database import Database
from app.db.session import Session
from app.settings import Settings
from tests.accounts import PASSWORD, bearer, get_tokens, new_user, sign_in, visitor

CHEAP = {"ARGON2_MEMORY_KIB": "8", "ARGON2_TIME_COST": "1", "PASSWORD_THREADS": "1"}


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Generator[None]:
    """Slow hashes would take most of the time of the tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CHEAP.items():
            environment.setenv(name, value)
        yield


@pytest.fixture
async def anonymous(running_app: ASGIApp) -> AsyncGenerator[AsyncClient]:
    """Nobody."""
    async with visitor(running_app) as nobody:
        yield nobody


@pytest.fixture
async def stranger(running_app: ASGIApp) -> AsyncGenerator[AsyncClient]:
    """Another user."""
    async with visitor(running_app) as somebody:
        await sign_in(somebody)
        yield somebody


@pytest.fixture
async def admin_email(settings: Settings, database: Database) -> str:
    """The address of an admin, made as the command makes one."""
    data = UserCreate.model_validate({"email": "admin@example.com", "password": PASSWORD})
    return (await make_admin(settings, database, data)).email


@pytest.fixture
async def admin(running_app: ASGIApp, admin_email: str) -> AsyncGenerator[AsyncClient]:
    """An admin."""
    async with visitor(running_app) as somebody:
        somebody.headers.update(bearer(await get_tokens(somebody, admin_email)))
        yield somebody


@pytest.fixture
async def owned_rows(session: Session) -> RowScope:
    """The rows of one user."""
    owner = await UserRepository(session).add(new_user())
    return RowScope.of(owner_id=owner.id)
