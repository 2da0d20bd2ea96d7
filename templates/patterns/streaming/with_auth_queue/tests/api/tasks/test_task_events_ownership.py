"""A task is followed by the user who enqueued it, and by admins."""

from httpx2 import AsyncClient

URL = "/api/v1/tasks"


async def test_tasks_of_others_are_not_found(
    client: AsyncClient, stranger: AsyncClient, admin: AsyncClient
) -> None:
    accepted = await client.post(URL, json={"name": "greet", "args": {"name": "Ann"}})
    events = f"{accepted.headers['location']}/events"

    assert (await client.get(events)).status_code == 200
    assert (await stranger.get(events)).status_code == 404
    assert (await admin.get(events)).status_code == 200
