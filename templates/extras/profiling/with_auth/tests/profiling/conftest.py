"""Applications whose requests can be profiled, and clients that may do so."""

import pytest
from httpx2 import AsyncClient
from pydantic import SecretStr

from app.settings import Settings
from tests.profiling.token import TOKEN


@pytest.fixture
def settings() -> Settings:
    return Settings(profiling_token=SecretStr(TOKEN))


@pytest.fixture
async def profiler(admin: AsyncClient) -> AsyncClient:
    """An admin who has the token."""
    return admin
