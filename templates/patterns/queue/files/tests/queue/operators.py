"""Who looks after the tasks that are dead: every client."""

import pytest
from httpx2 import AsyncClient


@pytest.fixture
def operator(client: AsyncClient) -> AsyncClient:
    return client
