"""Who looks after the tasks that were given up: anybody."""

import pytest
from httpx2 import AsyncClient


@pytest.fixture
def operator(client: AsyncClient) -> AsyncClient:
    return client
