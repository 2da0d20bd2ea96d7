"""Tasks over HTTP: enqueued once, looked at, dead, replayed."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.queue.fixtures import finished

URL = "/api/v1/tasks"
ANN: dict[str, Any] = {"name": "greet", "args": {"name": "Ann"}}


class TestEnqueue:
    async def test_unknown_tasks_are_refused(
        self, client: AsyncClient, subtests: pytest.Subtests
    ) -> None:
        for name in ("nonsense", "internal"):
            with subtests.test(name=name):
                response = await client.post(URL, json={"name": name})

                assert response.status_code == 422
                assert response.json()["errors"][0]["loc"] == ["body", "name"]

    async def test_bad_arguments_are_refused(
        self, client: AsyncClient, subtests: pytest.Subtests
    ) -> None:
        for args in ({}, {"name": 1}, {"name": "A", "more": 1}, {"name": "\0"}):
            with subtests.test(args=args):
                response = await client.post(URL, json={"name": "greet", "args": args})

                assert response.status_code == 422

    async def test_accepted_and_run(self, client: AsyncClient) -> None:
        accepted = await client.post(URL, json=ANN)

        assert accepted.status_code == 202, accepted.text
        task_id = accepted.json()["task_id"]
        assert accepted.json() == {"task_id": task_id, "status": "queued"}
        assert accepted.headers["location"] == f"{URL}/{task_id}"
        task = await finished(client, accepted)
        assert task.pop("created_at") <= task.pop("finished_at")
        assert task == {
            "task_id": task_id,
            "name": "greet",
            "status": "succeeded",
            "progress": 1,
            "result": "Hello Ann",
            "error": None,
            "attempts": 1,
        }

    async def test_one_key_is_one_task(self, client: AsyncClient) -> None:
        headers = {"Idempotency-Key": "one"}
        many = [client.post(URL, json=ANN, headers=headers) for _ in range(10)]
        answers = await asyncio.gather(*many)
        other = await client.post(URL, json=ANN, headers={"Idempotency-Key": "other"})

        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["task_id"] for answer in (*answers, other)}) == 2
        assert (await finished(client, answers[0]))["attempts"] == 1

    @pytest.mark.parametrize("other", [{"args": {"name": "Bob"}}, {"name": "fail", "args": {}}])
    async def test_one_key_is_for_the_same_task(
        self, client: AsyncClient, other: dict[str, Any]
    ) -> None:
        headers = {"Idempotency-Key": "one"}
        await client.post(URL, json=ANN, headers=headers)

        response = await client.post(URL, json={**ANN, **other}, headers=headers)

        assert response.status_code == 409


class TestRead:
    async def test_there_is_none(self, client: AsyncClient) -> None:
        assert (await client.get(f"{URL}/nonsense")).status_code == 404

    async def test_a_refusal_is_not_retried(self, client: AsyncClient) -> None:
        task = await finished(client, await client.post(URL, json={"name": "refuse"}))

        assert (task["status"], task["error"], task["attempts"]) == ("failed", "Never.", 1)


class TestDead:
    async def test_listed_and_replayed(self, client: AsyncClient, operator: AsyncClient) -> None:
        accepted = [await client.post(URL, json={"name": "fail"}) for _ in range(2)]
        first, second = [await finished(client, each) for each in accepted]

        page = (await operator.get(f"{URL}/dead", params={"size": 1})).json()
        cursor = {"cursor": page["next_cursor"]}
        rest = (await operator.get(f"{URL}/dead", params=cursor)).json()

        assert (first["status"], first["attempts"]) == ("dead", 2)
        assert first["error"] == "RuntimeError: broken"
        listed = [*page["items"], *rest["items"]]
        assert [each["task_id"] for each in listed] == [first["task_id"], second["task_id"]]
        assert rest["next_cursor"] is None

        replayed = await operator.post(f"{URL}/dead/{first['task_id']}/replay")
        assert replayed.status_code == 202
        again = await finished(client, accepted[0])
        assert (again["status"], again["attempts"]) == ("dead", 2)
        assert again["finished_at"] > first["finished_at"]

    async def test_only_dead_tasks_are_replayed(
        self, client: AsyncClient, operator: AsyncClient
    ) -> None:
        done = await finished(client, await client.post(URL, json=ANN))

        for task_id in ("nonsense", done["task_id"]):
            response = await operator.post(f"{URL}/dead/{task_id}/replay")
            assert response.status_code == 404

    async def test_a_forged_cursor(self, operator: AsyncClient) -> None:
        assert (await operator.get(f"{URL}/dead", params={"cursor": "x"})).status_code == 422
