"""A task as a stream of events."""

import json

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.realtime.stream_clients import get_request, open_stream

URL = "/api/v1/tasks"


@pytest.fixture
def settings() -> Settings:
    return Settings(streams_max=1)


async def test_each_change_until_it_has_finished(client: AsyncClient) -> None:
    accepted = await client.post(URL, json={"name": "fail"})
    location = accepted.headers["location"]

    response = await client.get(f"{location}/events")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    frames = [frame for frame in response.text.split("\n\n") if frame.startswith("event: task\n")]
    states = [json.loads(frame.partition("\ndata: ")[2]) for frame in frames]
    assert states[-1]["status"] == "dead"
    assert states[-1] == (await client.get(location)).json()


async def test_there_is_none(client: AsyncClient) -> None:
    response = await client.get(f"{URL}/nonsense/events")

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


async def test_it_counts_as_a_stream(client: AsyncClient) -> None:
    accepted = await client.post(URL, json={"name": "greet", "args": {"name": "Ann"}})
    app, scope = get_request(client, "/api/v1/events/news")
    async with open_stream(app, scope) as call:
        await call.next_chunk()
        response = await client.get(f"{accepted.headers['location']}/events")

    assert response.status_code == 503
    assert "retry-after" in response.headers
