"""Events, text and files over HTTP."""

from pathlib import Path

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.streaming.calls import calling, to

EVENTS, COMPLETIONS, FILES = "/api/v1/events", "/api/v1/completions", "/api/v1/files"
TEXT = b"0123456789"


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(files_folder=folder, file_max_bytes=20_000_000, streams_max=1)


class TestEvents:
    async def test_what_is_published_is_followed(self, client: AsyncClient) -> None:
        app, scope = to(client, f"{EVENTS}/news")
        async with calling(app, scope) as call:
            assert await call.next() == b": open\n\n"
            assert call.status == 200
            accepted = await client.post(f"{EVENTS}/news", json={"type": "n", "data": {"a": 1}})
            frame = await call.next()
            over = await client.get(f"{EVENTS}/news")

        assert accepted.status_code == 202
        assert frame == f'id: {accepted.json()["id"]}\nevent: n\ndata: {{"a":1}}\n\n'.encode()
        assert over.status_code == 503

    async def test_it_resumes(self, client: AsyncClient) -> None:
        event = {"type": "n", "data": {}}
        ids = [(await client.post(f"{EVENTS}/a", json=event)).json()["id"] for _ in range(2)]
        app, scope = to(client, f"{EVENTS}/a")
        scope["headers"].append((b"last-event-id", ids[0].encode()))
        async with calling(app, scope) as call:
            await call.next()

            assert (await call.next()).startswith(f"id: {ids[1]}\n".encode())

    async def test_its_head_has_an_end(self, client: AsyncClient) -> None:
        response = await client.head(f"{EVENTS}/news")

        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"

    @pytest.mark.parametrize(
        "body",
        [
            {"type": "", "data": {}},
            {"type": "a\nb", "data": {}},
            {"type": "reset", "data": {}},
            {"type": "a"},
            {"type": "a", "data": []},
            {"type": "a", "data": {"a": "\x00"}},
            {"type": "a", "data": {}, "id": "7"},
        ],
    )
    async def test_what_is_no_event(self, client: AsyncClient, body: dict[str, object]) -> None:
        assert (await client.post(f"{EVENTS}/news", json=body)).status_code == 422

    async def test_what_is_no_topic(self, client: AsyncClient) -> None:
        response = await client.post(f"{EVENTS}/a%20b", json={"type": "a", "data": {}})

        assert response.status_code == 422

    async def test_what_is_no_json(self, client: AsyncClient) -> None:
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

    @pytest.mark.parametrize(
        "body",
        [
            {"prompt": ""},
            {"prompt": "x" * 8001},
            {"prompt": "a", "max_tokens": 0},
            {"prompt": "a", "max_tokens": True},
        ],
    )
    async def test_what_is_no_prompt(self, client: AsyncClient, body: dict[str, object]) -> None:
        assert (await client.post(COMPLETIONS, json=body)).status_code == 422


class TestFiles:
    async def put(self, client: AsyncClient, name: str = "a.txt", content: bytes = TEXT) -> str:
        response = await client.post(FILES, files={"file": (name, content, "image/png")})
        assert response.status_code == 201, response.text
        assert response.headers["location"] == f"{FILES}/{response.json()['id']}"
        return str(response.headers["location"])

    async def test_up_and_down(self, client: AsyncClient) -> None:
        path = await self.put(client, "Grüße.txt")

        response = await client.get(path)

        assert response.content == TEXT
        headers = response.headers
        assert headers["content-disposition"] == "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt"
        assert headers["content-type"].startswith("text/plain")
        assert headers["accept-ranges"] == "bytes"

    async def test_more_than_other_bodies(self, client: AsyncClient) -> None:
        path = await self.put(client, content=b"x" * 11_000_000)

        assert (await client.head(path)).headers["content-length"] == "11000000"
        assert (
            await client.post(FILES, files={"file": ("a", b"x" * 20_000_001)})
        ).status_code == 413

    @pytest.mark.parametrize(
        ("asked", "part", "range_"),
        [
            ("bytes=0-3", b"0123", "bytes 0-3/10"),
            ("bytes=7-", b"789", "bytes 7-9/10"),
            ("bytes=-2", b"89", "bytes 8-9/10"),
            ("bytes=-99", TEXT, "bytes 0-9/10"),
            ("bytes=5-99", b"56789", "bytes 5-9/10"),
            ("Bytes=0-0", b"0", "bytes 0-0/10"),
            ("bytes=3-2", TEXT, None),
            ("bytes=0-1,4-5", TEXT, None),
            ("lines=1-2", TEXT, None),
            ("bytes=-", TEXT, None),
        ],
    )
    async def test_parts(
        self, client: AsyncClient, asked: str, part: bytes, range_: str | None
    ) -> None:
        path = await self.put(client)

        response = await client.get(path, headers={"Range": asked})

        assert response.content == part
        assert response.headers.get("content-range") == range_
        assert response.status_code == (206 if range_ else 200)

    @pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
    async def test_parts_that_are_not_there(self, client: AsyncClient, asked: str) -> None:
        response = await client.get(await self.put(client), headers={"Range": asked})

        assert response.status_code == 416
        assert response.headers["content-range"] == "bytes */10"
        assert response.headers["content-type"] == "application/problem+json"

    async def test_what_is_known_is_not_sent_again(self, client: AsyncClient) -> None:
        path = await self.put(client)
        etag = (await client.get(path)).headers["etag"]

        known = await client.get(path, headers={"If-None-Match": etag})
        same = await client.get(path, headers={"Range": "bytes=1-1", "If-Range": etag})
        other = await client.get(path, headers={"Range": "bytes=1-1", "If-Range": '"x"'})

        assert (known.status_code, known.content) == (304, b"")
        assert [same.content, other.content] == [b"1", TEXT]

    async def test_the_head_is_that_of_the_whole(self, client: AsyncClient) -> None:
        """Ranges are for GET (RFC 9110, section 14.2)."""
        path = await self.put(client)

        for asked in ("bytes=0-3", "bytes=99-"):
            response = await client.head(path, headers={"Range": asked})

            assert (response.status_code, response.content) == (200, b"")
            assert response.headers["content-length"] == "10"
            assert "content-range" not in response.headers

    async def test_nothing_is_compressed(self, client: AsyncClient) -> None:
        response = await client.get(await self.put(client, content=b"x" * 10_000))

        assert "content-encoding" not in response.headers

    async def test_what_is_not_there(self, client: AsyncClient) -> None:
        assert (await client.get(f"{FILES}/{'0' * 32}")).status_code == 404
        assert (await client.get(f"{FILES}/nonsense")).status_code == 404

    async def test_an_empty_one(self, client: AsyncClient) -> None:
        path = await self.put(client, content=b"")

        assert (await client.get(path)).content == b""
        assert (await client.get(path, headers={"Range": "bytes=0-"})).status_code == 416


def test_a_type_that_nobody_recognizes_is_refused() -> None:
    with pytest.raises(ValueError, match="application/x-unknown is not recognized"):
        Settings(file_types=("application/x-unknown",))
