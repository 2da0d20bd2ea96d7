"""Clients that manage dead tasks: every one."""

import pytest
from httpx2 import AsyncClient


@pytest.fixture
def operator(client: AsyncClient) -> AsyncClient:
    return client
