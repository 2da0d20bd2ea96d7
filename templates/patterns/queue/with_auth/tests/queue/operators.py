"""Who looks after dead tasks: an admin."""

import pytest
from httpx2 import AsyncClient


@pytest.fixture
def operator(admin: AsyncClient) -> AsyncClient:
    return admin
