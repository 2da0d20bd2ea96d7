"""Tasks over HTTP: enqueued once, looked at, given up, replayed."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.queue.ending import ended

URL = "/api/v1/tasks"
ANN: dict[str, Any] = {"args": {"name": "Ann"}}

pytestmark = pytest.mark.usefixtures("tasks_of_tests")


class TestEnqueue:
    @pytest.mark.parametrize("name", ["nonsense", "think"])
    async def test_there_is_none_or_it_is_not_for_clients(
        self, client: AsyncClient, name: str
    ) -> None:
        response = await client.post(f"{URL}/{name}", json={})

        assert response.status_code == 404
        assert response.json()["code"] == "not_found"

    @pytest.mark.parametrize(
        "body", [{}, {"args": {}}, {"args": {"name": 1}}, {"args": {"name": "A", "more": 1}}]
    )
    async def test_bad_arguments_are_refused(self, client: AsyncClient, body: Any) -> None:
        response = await client.post(f"{URL}/greet", json=body)

        assert response.status_code == 422
        assert response.json()["errors"][0]["loc"][:2] == ["body", "args"]

    async def test_accepted_and_run(self, client: AsyncClient) -> None:
        accepted = await client.post(f"{URL}/greet", json=ANN)

        assert accepted.status_code == 202
        assert accepted.json()["status"] == "queued"
        assert accepted.headers["location"] == f"{URL}/{accepted.json()['task_id']}"
        task = await ended(client, accepted)
        assert task.pop("result").startswith("Hello Ann")
        assert task.pop("created_at") <= task.pop("finished_at")
        assert task == {
            "task_id": accepted.json()["task_id"],
            "name": "greet",
            "status": "succeeded",
            "progress": 1,
            "error": None,
            "attempts": 1,
        }

    async def test_one_key_is_one_task(self, client: AsyncClient) -> None:
        headers = {"Idempotency-Key": "one"}
        many = [client.post(f"{URL}/greet", json=ANN, headers=headers) for _ in range(10)]
        answers = await asyncio.gather(*many)
        other = await client.post(f"{URL}/greet", json=ANN, headers={"Idempotency-Key": "other"})

        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["task_id"] for answer in (*answers, other)}) == 2
        assert (await ended(client, answers[0]))["attempts"] == 1

    async def test_one_key_is_for_the_same_arguments(self, client: AsyncClient) -> None:
        headers = {"Idempotency-Key": "one"}
        await client.post(f"{URL}/greet", json=ANN, headers=headers)
        bob = {"args": {"name": "Bob"}}

        assert (await client.post(f"{URL}/greet", json=bob, headers=headers)).status_code == 409


class TestRead:
    async def test_there_is_none(self, client: AsyncClient) -> None:
        response = await client.get(f"{URL}/nonsense")

        assert response.status_code == 404

    async def test_a_refusal(self, client: AsyncClient) -> None:
        task = await ended(client, await client.post(f"{URL}/refuse", json={}))

        assert (task["status"], task["error"], task["attempts"]) == ("failed", "Never.", 1)


class TestDead:
    async def test_given_up_listed_and_replayed(
        self, client: AsyncClient, operator: AsyncClient
    ) -> None:
        accepted = [await client.post(f"{URL}/fail", json={}) for _ in range(2)]
        first, second = [await ended(client, each) for each in accepted]

        page = (await operator.get(f"{URL}/dead", params={"size": 1})).json()
        cursor = {"cursor": page["next_cursor"]}
        rest = (await operator.get(f"{URL}/dead", params=cursor)).json()

        assert (first["status"], first["attempts"]) == ("dead", 2)
        listed = [*page["items"], *rest["items"]]
        assert {each["task_id"] for each in listed} == {first["task_id"], second["task_id"]}
        assert rest["next_cursor"] is None

        replayed = await operator.post(f"{URL}/dead/{first['task_id']}/replay")
        assert replayed.status_code == 202
        assert (await ended(client, accepted[0]))["attempts"] == 4

    async def test_only_the_dead_are_replayed(self, operator: AsyncClient) -> None:
        assert (await operator.post(f"{URL}/dead/nonsense/replay")).status_code == 404

    async def test_a_forged_cursor(self, operator: AsyncClient) -> None:
        assert (await operator.get(f"{URL}/dead", params={"cursor": "x"})).status_code == 422
