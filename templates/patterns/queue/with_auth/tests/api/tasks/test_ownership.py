"""Tasks belong to who enqueued them."""

import pytest
from httpx2 import AsyncClient

URL = "/api/v1/tasks"
ANN = {"args": {"name": "Ann"}}

pytestmark = pytest.mark.usefixtures("tasks_of_tests")


async def test_those_of_others_are_not_there(
    client: AsyncClient, stranger: AsyncClient, admin: AsyncClient
) -> None:
    accepted = await client.post(f"{URL}/greet", json=ANN)
    location = accepted.headers["location"]

    assert (await client.get(location)).status_code == 200
    assert (await stranger.get(location)).status_code == 404
    assert (await admin.get(location)).status_code == 200


async def test_keys_of_others_are_others(client: AsyncClient, stranger: AsyncClient) -> None:
    headers = {"Idempotency-Key": "one"}
    one = await client.post(f"{URL}/greet", json=ANN, headers=headers)
    other = await stranger.post(f"{URL}/greet", json=ANN, headers=headers)

    assert one.json()["task_id"] != other.json()["task_id"]


async def test_a_task_can_need_a_scope(client: AsyncClient) -> None:
    response = await client.post(f"{URL}/report", json={})

    assert response.status_code == 403
