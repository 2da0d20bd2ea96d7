"""Events and completions over HTTP."""

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.realtime.stream_clients import get_request, open_stream

EVENTS, COMPLETIONS = "/api/v1/events", "/api/v1/completions"


@pytest.fixture
def settings() -> Settings:
    return Settings(streams_max=1)


class TestEvents:
    async def test_published_events_reach_followers(self, client: AsyncClient) -> None:
        app, scope = get_request(client, f"{EVENTS}/news")
        async with open_stream(app, scope) as call:
            assert await call.next_chunk() == b": open\n\n"
            assert call.status == 200
            accepted = await client.post(f"{EVENTS}/news", json={"type": "n", "data": {"a": 1}})
            frame = await call.next_chunk()
            over = await client.get(f"{EVENTS}/news")

        assert accepted.status_code == 202
        assert frame == f'id: {accepted.json()["id"]}\nevent: n\ndata: {{"a":1}}\n\n'.encode()
        assert over.status_code == 503

    async def test_it_resumes(self, client: AsyncClient) -> None:
        event = {"type": "n", "data": {}}
        ids = [(await client.post(f"{EVENTS}/a", json=event)).json()["id"] for _ in range(2)]
        app, scope = get_request(client, f"{EVENTS}/a")
        scope["headers"].append((b"last-event-id", ids[0].encode()))
        async with open_stream(app, scope) as call:
            await call.next_chunk()

            assert (await call.next_chunk()).startswith(f"id: {ids[1]}\n".encode())

    async def test_its_head_has_an_end(self, client: AsyncClient) -> None:
        response = await client.head(f"{EVENTS}/news")

        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"

    NO_EVENTS = (
        {"type": "", "data": {}},
        {"type": "a\nb", "data": {}},
        {"type": "reset", "data": {}},
        {"type": "a"},
        {"type": "a", "data": []},
        {"type": "a", "data": {"a": "\x00"}},
        {"type": "a", "data": {}, "id": "7"},
    )

    async def test_invalid_events_are_refused(
        self, client: AsyncClient, subtests: pytest.Subtests
    ) -> None:
        for body in self.NO_EVENTS:
            with subtests.test(body=body):
                assert (await client.post(f"{EVENTS}/news", json=body)).status_code == 422

    async def test_invalid_topics_are_refused(self, client: AsyncClient) -> None:
        response = await client.post(f"{EVENTS}/a%20b", json={"type": "a", "data": {}})

        assert response.status_code == 422

    async def test_invalid_json_is_refused(self, client: AsyncClient) -> None:
        response = await client.post(
            f"{EVENTS}/news",
            content='{"type": "a", "data": {"a": NaN}}',
            headers={"Content-Type": "application/json"},
        )

        assert response.status_code == 422


class TestCompletions:
    @pytest.mark.parametrize(
        ("max_tokens", "text", "is_cut"), [(2, "a tall", "true"), (9, "a tall ship", "false")]
    )
    async def test_text_comes_in_tokens(
        self, client: AsyncClient, max_tokens: int, text: str, is_cut: str
    ) -> None:
        response = await client.post(
            COMPLETIONS, json={"prompt": "a tall ship", "max_tokens": max_tokens}
        )

        *tokens, done = response.text.strip().split("\n\n")
        assert [token.splitlines() for token in tokens] == [
            ["event: token", f'data: {{"text":"{word}"}}']
            for word in ("a", " tall", " ship")[: len(text.split())]
        ]
        assert done.splitlines() == ["event: done", f'data: {{"is_cut":{is_cut}}}']

    NO_PROMPTS = (
        {"prompt": ""},
        {"prompt": "x" * 8001},
        {"prompt": "a", "max_tokens": 0},
        {"prompt": "a", "max_tokens": True},
    )

    async def test_invalid_prompts_are_refused(
        self, client: AsyncClient, subtests: pytest.Subtests
    ) -> None:
        for body in self.NO_PROMPTS:
            with subtests.test(body=body):
                assert (await client.post(COMPLETIONS, json=body)).status_code == 422
