"""Clients that manage dead tasks: admins."""

import pytest
from httpx2 import AsyncClient


@pytest.fixture
def operator(admin: AsyncClient) -> AsyncClient:
    return admin
