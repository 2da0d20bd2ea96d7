"""A task is followed by who enqueued it, and by admins."""

import pytest
from httpx2 import AsyncClient

URL = "/api/v1/tasks"


@pytest.mark.usefixtures("tasks_of_tests")
async def test_those_of_others_are_not_there(
    client: AsyncClient, stranger: AsyncClient, admin: AsyncClient
) -> None:
    accepted = await client.post(f"{URL}/greet", json={"args": {"name": "Ann"}})
    events = f"{accepted.headers['location']}/events"

    assert (await client.get(events)).status_code == 200
    assert (await stranger.get(events)).status_code == 404
    assert (await admin.get(events)).status_code == 200
