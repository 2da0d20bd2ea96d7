"""Fixtures with clients. `client` of `conftest.py` is signed in as a user; the others are here."""

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
from tests.accounts import PASSWORD, anonymous_client, bearer, get_tokens, new_user, sign_in

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
    """A client that has not signed in."""
    async with anonymous_client(running_app) as client:
        yield client


@pytest.fixture
async def stranger(running_app: ASGIApp) -> AsyncGenerator[AsyncClient]:
    """A client that is signed in as another user than `client`."""
    async with anonymous_client(running_app) as client:
        await sign_in(client)
        yield client


@pytest.fixture
async def admin_email(settings: Settings, database: Database) -> str:
    """The e-mail address of an admin, created as `python -m app.admin` does."""
    data = UserCreate.model_validate({"email": "admin@example.com", "password": PASSWORD})
    return (await make_admin(settings, database, data)).email


@pytest.fixture
async def admin(running_app: ASGIApp, admin_email: str) -> AsyncGenerator[AsyncClient]:
    """A client that is signed in as an admin."""
    async with anonymous_client(running_app) as client:
        client.headers.update(bearer(await get_tokens(client, admin_email)))
        yield client


@pytest.fixture
async def owned_rows(session: Session) -> RowScope:
    """The rows of one user."""
    owner = await UserRepository(session).add(new_user())
    return RowScope.of(owner_id=owner.id)
