"""Who is served, and with which headers."""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import pytest
import uvicorn
from uvicorn.server import ServerState

from fastgen.errors import BadInput, EnvironmentFault
from fastgen.web import server
from fastgen.web.application import create_app
from fastgen.web.protection import RateLimit, Receive, Scope, Send
from tests.support import fastgen
from tests.unit.web.client import get, get_all, query


def test_head_has_the_headers_of_get() -> None:
    for path in ("/", "/health", "/assets/app.js", "/project.zip?name=shop"):
        shown, head = get_all([path]) + get_all([path], method="HEAD")
        assert (head.status_code, head.headers) == (200, shown.headers)


def test_every_response_forbids_foreign_content() -> None:
    for path in ("/", "/health", "/assets/app.js", "/tree", "/nothing"):
        headers = get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_page_and_its_health() -> None:
    assert get("/").headers["content-type"] == "text/html; charset=utf-8"
    assert get("/assets/app.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert get("/health").json() == {"status": "ok"}


def test_no_response_outlives_the_version_that_made_it() -> None:
    for path in ("/", "/assets/app.js", "/offer", "/nothing"):
        assert get(path).headers["cache-control"] == "no-cache"


def test_a_file_that_the_browser_has_is_not_sent_again() -> None:
    for path in ("/", "/assets/app.js"):
        tag = get(path).headers["etag"]
        known = get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
        assert get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_page_needs_no_other_host() -> None:
    assets = Path(server.__file__).parent / "assets"
    for path in assets.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text
        assert "innerHTML" not in text


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("localhost:8765", 200),
        ("127.0.0.1", 200),
        ("[::1]:80", 200),
        ("127.0.0.2:8765", 200),
        ("127.0.0.1:80@evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("evil.example", 403),
        ("", 403),
    ],
)
def test_a_loopback_address_answers_to_its_own_names(host: str, code: int) -> None:
    response = get("/health", headers={"Host": host}, only_loopback=True)

    assert response.status_code == code


def test_connections_without_a_whole_head_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    page = create_app()

    def give(seconds: float) -> None:
        monkeypatch.setattr(server, "SECONDS_FOR_HEAD", seconds)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        give(0.05)  # for the next head
        await page(scope, receive, send)

    async def responses(*starts: tuple[float, bytes]) -> list[bytes]:
        config = uvicorn.Config(answer, log_config=None)
        config.load()
        listening = await asyncio.get_running_loop().create_server(
            lambda: server.HTTPProtocol(config, ServerState(), {}), "127.0.0.1", 0
        )
        found = []
        async with listening:
            for seconds, start in starts:
                give(seconds)
                found.append(await _response(listening, start))
        return found

    nothing, first, second = asyncio.run(
        responses((0.05, b"GET /hea"), (60, whole), (60, whole + b"GET /hea"))
    )

    assert nothing == b""
    assert b" 200 " in first
    assert first == second


async def _response(listening: asyncio.Server, start: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
    writer.write(start)
    response = b""
    with suppress(ConnectionResetError):  # it was closed before the start was read
        response = await reader.read()
    writer.close()
    return response


@pytest.mark.parametrize(
    ("site", "mode", "code"),
    [
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
        ("cross-site", "navigate", 200),
        ("cross-site", "no-cors", 403),
        ("same-site", "cors", 403),
    ],
)
def test_pages_of_other_sites_can_link_but_not_read(site: str, mode: str, code: int) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}

    assert get("/tree", query(patterns="none"), headers=headers).status_code == code


def test_the_requests_of_an_address_are_limited() -> None:
    clock = [0.0]
    served: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        served.append(scope["client"][0])

    limit = RateLimit(app, 2, clients=2, now=lambda: clock[0])
    statuses: list[int] = []

    async def send(message: dict[str, int]) -> None:
        statuses.append(message.get("status", 0))

    def call(address: str, path: str = "/tree") -> None:
        scope = {"type": "http", "path": path, "client": (address, 1), "method": "GET"}
        asyncio.run(limit(scope, None, send))  # type: ignore[arg-type]

    for address in ("a", "a", "a", "b"):
        call(address)
    assert served == ["a", "a", "b"]
    assert 429 in statuses
    call("a", "/health")
    clock[0] = 30  # a half of a minute: one more
    call("a")
    call("a")
    assert served == ["a", "a", "b", "a", "a"]
    assert len(limit._buckets) <= 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_other_machines_are_let_in_on_request_only(host: str) -> None:
    with pytest.raises(BadInput, match=f"Other machines could reach the page on `{host}`"):
        server.check_host(host, allow_remote=False)

    server.check_host(host, allow_remote=True)
    for loopback in ("127.0.0.1", "127.9.9.9", "::1", "localhost"):
        server.check_host(loopback, allow_remote=False)


def test_a_port_in_use_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentFault, match=f"cannot be used with the port {port}"):
            server.listen("127.0.0.1", port)


def test_the_command_needs_its_extra(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('no', name='uvicorn')")

    result = fastgen("web", "--no-open", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})

    assert result.code == 5
    assert "`uvicorn`, which is not installed" in result.err


def test_the_command_refuses_other_machines(tmp_path: Path) -> None:
    result = fastgen("web", "--host", "0.0.0.0", "--no-open", cwd=tmp_path)

    assert result.code == 2
    assert "--allow-remote" in result.err
