"""The middleware of the service, over HTTP."""

from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from fastapi import Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from httpx2 import AsyncClient
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Message

from app.core.environment import PROJECT_ROOT
from app.core.health import Readiness
from app.main import create_app
from app.middleware.draining import Draining
from app.middleware.gzip import accepts_gzip
from app.middleware.trusted_host import TrustedHost
from app.settings import Settings
from tests.serving import serve

ORIGIN = "https://shop.example.com"


@pytest.fixture
def settings() -> Settings:
    return Settings(
        allowed_hosts=("test", "*.example.com", "[::1]"),
        allowed_origins=(ORIGIN,),
        trusted_proxies=("127.0.0.1",),
    )


class TestRequestId:
    @pytest.mark.parametrize("sent", ["", "a b", "x" * 65, 'a"b', "a\tb"])
    async def test_others_are_replaced(self, client: AsyncClient, sent: str) -> None:
        ids = {
            (await client.get("/health", headers={"X-Request-ID": sent})).headers["x-request-id"]
            for _ in range(3)
        }

        assert len(ids) == 3
        assert not ids & {"", sent}


class TestTrustedHost:
    @pytest.mark.parametrize("host", ["test", "TEST:8000", "a.b.example.com", "[::1]:8000"])
    async def test_known_hosts(self, client: AsyncClient, host: str) -> None:
        assert (await client.get("/nothing", headers={"Host": host})).status_code == 404

    @pytest.mark.parametrize(
        "host", ["evil.com", "example.com", "test.evil.com", "", "[::2]", "test:80:80", "evil@test"]
    )
    async def test_unknown_hosts(self, client: AsyncClient, host: str) -> None:
        response = await client.get("/nothing", headers={"Host": host})

        assert (response.status_code, response.json()["code"]) == (400, "bad_request")

    @pytest.mark.parametrize("hosts", [["test", "evil.com"], ["evil.com", "test"], ["test"] * 2])
    async def test_several_hosts(self, client: AsyncClient, hosts: list[str]) -> None:
        response = await client.get("/nothing", headers=[("Host", host) for host in hosts])

        assert response.status_code == 400

    @pytest.mark.parametrize("host", ["10.244.0.5:8000", "evil.com", ""])
    @pytest.mark.parametrize("path", ["/health", "/ready"])
    async def test_probes(self, client: AsyncClient, path: str, host: str) -> None:
        assert (await client.get(path, headers={"Host": host})).status_code == 200

    async def test_websockets(self) -> None:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/ws", "headers": [(b"host", b"evil.com")]}
        extensions: dict[str, object] = {"websocket.http.response": {}}
        app = TrustedHost(PlainTextResponse("accepted"), ["test"])
        await app({**scope, "extensions": extensions}, receive, send)

        assert (sent[0]["type"], sent[0]["status"]) == ("websocket.http.response.start", 400)


class TestCORS:
    async def test_preflight(self, client: AsyncClient) -> None:
        headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "DELETE"}
        response = await client.options("/health", headers=headers)

        assert response.status_code == 200
        assert "DELETE" in response.headers["access-control-allow-methods"]

    async def test_every_origin_has_no_credentials(self) -> None:
        async with serve(create_app(Settings(allowed_origins=("*",)))) as client:
            headers = (await client.get("/health", headers={"Origin": ORIGIN})).headers

        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers


@pytest.fixture
async def texts(settings: Settings) -> AsyncGenerator[AsyncClient]:
    """A client of an application with responses of several sizes and types."""
    app = create_app(settings)

    async def parts() -> AsyncIterator[str]:
        yield "a" * 2000

    @app.get("/text/{size}")
    async def read_text(size: int) -> Response:
        return Response("a" * size)

    @app.get("/versioned")
    async def read_versioned() -> Response:
        return Response("a" * 2000, headers={"ETag": '"7"'})

    @app.get("/stream")
    async def read_stream() -> StreamingResponse:
        return StreamingResponse(parts(), media_type="text/plain")

    @app.get("/events")
    async def read_events() -> StreamingResponse:
        return StreamingResponse(parts(), media_type="text/event-stream")

    @app.get("/file")
    async def read_file() -> FileResponse:
        return FileResponse(PROJECT_ROOT / "pyproject.toml")

    @app.put("/versioned")
    async def echo_if_match(request: Request) -> str:
        return request.headers["if-match"]

    async with serve(app) as client:
        yield client


PLAIN = {"Accept-Encoding": "identity"}
GZIPPED = {"Accept-Encoding": "gzip"}


class TestETag:
    async def test_a_known_response_is_not_sent_again(self, client: AsyncClient) -> None:
        first = await client.get("/health")
        etag = first.headers["etag"]

        for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            again = await client.get("/health", headers={"If-None-Match": known})

            assert (again.status_code, again.content) == (304, b"")
            assert (again.headers["etag"], again.headers["vary"]) == (etag, first.headers["vary"])
            assert "content-length" not in again.headers

    async def test_another_one_is_sent(self, client: AsyncClient) -> None:
        response = await client.get("/health", headers={"If-None-Match": '"other"'})

        assert response.status_code == 200
        assert response.headers["cache-control"] == "private, no-cache"

    @pytest.mark.parametrize("path", ["/nothing", "/stream"])
    async def test_errors_and_streams_have_none(self, texts: AsyncClient, path: str) -> None:
        assert "etag" not in (await texts.get(path)).headers

    @pytest.mark.parametrize("path", ["/text/2000", "/versioned"])
    async def test_each_encoding_has_its_own(self, texts: AsyncClient, path: str) -> None:
        plain = (await texts.get(path, headers=PLAIN)).headers["etag"]
        gzipped = (await texts.get(path, headers=GZIPPED)).headers["etag"]

        assert plain != gzipped
        for accept, known, status in [
            (PLAIN, plain, 304),
            (PLAIN, gzipped, 200),
            (GZIPPED, gzipped, 304),
            (GZIPPED, plain, 200),
        ]:
            response = await texts.get(path, headers={**accept, "If-None-Match": known})
            assert response.status_code == status
            assert "Accept-Encoding" in response.headers["vary"]

    async def test_either_is_good_for_a_write(self, texts: AsyncClient) -> None:
        etag = (await texts.get("/versioned", headers=GZIPPED)).headers["etag"]

        response = await texts.put("/versioned", headers={"If-Match": f'{etag}, "6"'})

        assert response.json() == '"7", "6"'


class TestGZip:
    @pytest.mark.parametrize(
        ("path", "encoding"),
        [
            ("/text/1023", None),
            ("/text/1024", "gzip"),
            ("/text/200000", "gzip"),
            ("/stream", "gzip"),
            ("/events", None),
            ("/file", None),
        ],
    )
    async def test_large_responses(
        self, texts: AsyncClient, path: str, encoding: str | None
    ) -> None:
        gzipped = await texts.get(path, headers=GZIPPED)
        plain = await texts.get(path, headers=PLAIN)

        assert gzipped.headers.get("content-encoding") == encoding
        assert "content-encoding" not in plain.headers
        assert gzipped.text == plain.text
        varies = path not in ("/events", "/file")
        assert ("Accept-Encoding" in plain.headers["vary"]) == varies

    @pytest.mark.parametrize(
        ("accepted", "expected"),
        [
            ("gzip", True),
            ("br, GZIP;Q=0.5", True),
            ("*", True),
            ("gzip;q=0", False),
            ("gzip; q=0.000, *", False),
            ("*;q=0", False),
            ("identity, gzip;q=0.5", False),
            ("gzip;q=much", False),
            ("br", False),
            ("", False),
        ],
    )
    def test_quality_values(self, accepted: str, expected: bool) -> None:
        assert accepts_gzip(Headers({"Accept-Encoding": accepted})) == expected


@pytest.mark.parametrize("draining", [True, False])
async def test_connections_are_closed_while_draining(draining: bool) -> None:
    readiness = Readiness({}, timeout=1)
    readiness.draining = draining
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "state": {"readiness": readiness}}
    await Draining(PlainTextResponse("text"))(scope, receive, send)

    assert ((b"connection", b"close") in sent[0]["headers"]) == draining
