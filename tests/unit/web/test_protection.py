"""Who is served, and with which headers."""

import asyncio
import socket
from pathlib import Path

import pytest

from fastgen.errors import BadInput, EnvironmentFault
from fastgen.web import server
from fastgen.web.protection import LOOPBACK_HOSTS, RateLimit, Receive, Scope, Send
from tests.support import fastgen
from tests.unit.web.client import get, query


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
        ("evil.example", 403),
        ("", 403),
    ],
)
def test_a_loopback_address_answers_to_its_own_names(host: str, code: int) -> None:
    response = get("/health", headers={"Host": host}, hosts=LOOPBACK_HOSTS)

    assert response.status_code == code


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
