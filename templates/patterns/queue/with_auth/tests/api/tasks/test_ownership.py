"""Tasks belong to the user who enqueued them."""

from httpx2 import AsyncClient

URL = "/api/v1/tasks"
ANN = {"name": "greet", "args": {"name": "Ann"}}


async def test_tasks_of_others_are_not_found(
    client: AsyncClient, stranger: AsyncClient, admin: AsyncClient
) -> None:
    location = (await client.post(URL, json=ANN)).headers["location"]

    assert (await client.get(location)).status_code == 200
    assert (await stranger.get(location)).status_code == 404
    assert (await admin.get(location)).status_code == 200


async def test_keys_are_per_user(client: AsyncClient, stranger: AsyncClient) -> None:
    headers = {"Idempotency-Key": "one"}
    one = await client.post(URL, json=ANN, headers=headers)
    other = await stranger.post(URL, json=ANN, headers=headers)

    assert one.json()["task_id"] != other.json()["task_id"]


async def test_dead_tasks_are_for_admins(client: AsyncClient) -> None:
    assert (await client.get(f"{URL}/dead")).status_code == 403


async def test_a_task_can_need_a_scope(client: AsyncClient) -> None:
    assert (await client.post(URL, json={"name": "report"})).status_code == 403
