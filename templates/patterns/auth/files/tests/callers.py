"""Who calls in the tests: the client has signed in as a user; here are the others."""

from collections.abc import AsyncGenerator, Generator

import pytest
from httpx2 import AsyncClient

from app.auth.repository import UserRepository
from app.core.query import RowScope
from app.db.sessions import Session
from tests.accounts import another, bearer, get_tokens, new_user, sign_in

CHEAP = {"ARGON2_MEMORY_KIB": "8", "ARGON2_TIME_COST": "1", "PASSWORD_THREADS": "1"}


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Generator[None]:
    """What takes long on purpose would take most of the time of the tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CHEAP.items():
            environment.setenv(name, value)
        yield


@pytest.fixture
async def anonymous(client: AsyncClient) -> AsyncGenerator[AsyncClient]:
    """Nobody."""
    async with another(client) as nobody:
        yield nobody


@pytest.fixture
async def stranger(client: AsyncClient) -> AsyncGenerator[AsyncClient]:
    """Another user."""
    async with another(client) as somebody:
        await sign_in(somebody)
        yield somebody


@pytest.fixture
async def admin(client: AsyncClient, admin_email: str) -> AsyncGenerator[AsyncClient]:
    """An admin."""
    async with another(client) as somebody:
        somebody.headers.update(bearer(await get_tokens(somebody, admin_email)))
        yield somebody


@pytest.fixture
async def owned_rows(session: Session) -> RowScope:
    """The rows of one user."""
    owner = await UserRepository(session).add(new_user())
    return RowScope.of(owner_id=owner.id)
