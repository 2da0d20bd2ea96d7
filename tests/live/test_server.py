"""A generated project as a running server: how it starts, serves, and leaves."""

import json
import re
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.environment import Environment
from tests.live.server import CLIENT, PRODUCTION, Server, serve, until
from tests.support import generate

# Routes that no project has: slow ones, broken ones, one that shows the address of its client.
EXTRA = """
import asyncio

from fastapi import Request

from app.main import create_app

app = create_app()
under_way = 0


@app.get("/slow/{seconds}")
async def wait(seconds: float) -> str:
    global under_way
    under_way += 1
    await asyncio.sleep(seconds)
    return "done"


@app.get("/under-way")
async def count() -> int:
    return under_way


@app.get("/broken")
async def fail() -> None:
    raise RuntimeError("the inside")


@app.get("/client")
async def tell(request: Request) -> str | None:
    return request.client.host if request.client else None
"""
WITH_EXTRA = ("uvicorn", "extra:app", "--port", "{port}", "--timeout-graceful-shutdown", "20")
BY_SETTINGS = ("python", "-m", "app")
WAYS = {
    "python": BY_SETTINGS,
    "uvicorn": ("uvicorn", "app.main:app", "--port", "{port}"),
    "fastapi": ("fastapi", "dev", "--port", "{port}"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("live"))
    (project / "extra.py").write_text(EXTRA)
    return project


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_documented_way_starts_it(
    project: Path, environment: Environment, way: tuple[str, ...]
) -> None:
    with serve(project, environment, way) as server:
        assert CLIENT.get(f"{server.url}/health").json() == {"status": "ok"}
        assert CLIENT.get(f"{server.url}/docs").status_code == 200
        created = CLIENT.post(f"{server.url}/api/v1/items", json={"name": "Lamp", "price": "12.50"})
        assert created.status_code == 201
        assert CLIENT.get(f"{server.url}{created.headers['location']}").json() == created.json()


def test_the_server_does_not_say_what_it_is(project: Path, environment: Environment) -> None:
    with serve(project, environment) as server:
        assert "server" not in CLIENT.get(f"{server.url}/health").headers


@pytest.mark.parametrize(
    "command", [BY_SETTINGS, ("uvicorn", "app.main:app", "--port", "1")], ids=["python", "uvicorn"]
)
def test_bad_settings_are_all_named_and_none_is_shown(
    project: Path, environment: Environment, command: tuple[str, ...]
) -> None:
    bad = {"ENVIRONMENT": "production", "SECRET_KEY": "hunter2", "PORT": "hunter2", "WORKERS": "2"}

    result = environment.run(*command, cwd=project, env=bad)

    assert result.code != 0
    said = result.out + result.err
    assert set(re.findall(r"^  ([A-Z_]+):", said, re.MULTILINE)) == {
        "SECRET_KEY",
        "PORT",
        "WORKERS",
    }
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_production_logs_json_one_line_a_request(project: Path, environment: Environment) -> None:
    with serve(project, environment, env=PRODUCTION) as server:
        for number in range(50):
            CLIENT.get(f"{server.url}/health?secret=hunter2", headers={"X-Request-ID": str(number)})
        assert server.stop() == -signal.SIGTERM
        lines = [json.loads(line) for line in server.output.splitlines()]

    requests = [line for line in lines if line["logger"] == "access"]
    assert [line["request_id"] for line in requests] == [str(number) for number in range(50)]
    assert {line["logger"] for line in lines} >= {"access", "uvicorn.error"}
    assert "hunter2" not in json.dumps(lines)


def test_a_connection_survives_an_error(project: Path, environment: Environment) -> None:
    with (
        serve(project, environment, WITH_EXTRA) as server,
        socket.create_connection(("127.0.0.1", server.port)) as connection,
    ):
        answers = [ask(connection, path) for path in ("/broken", "/health")]

    assert [answer.split()[1] for answer in answers] == [b"500", b"200"]
    assert b"x-request-id" in answers[0]


def ask(connection: socket.socket, path: str, headers: str = "Host: localhost\r\n") -> bytes:
    connection.sendall(f"GET {path} HTTP/1.1\r\n{headers}\r\n".encode("latin-1"))
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.mark.parametrize("sent", ["a\r\nSet-Cookie: x=1", "a\x00b", "a\x1b[31m", "é" * 10])
def test_headers_cannot_be_injected(project: Path, environment: Environment, sent: str) -> None:
    headers = f"Host: localhost\r\nX-Request-ID: {sent}\r\n"
    with serve(project, environment, env=PRODUCTION) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            answer = ask(connection, "/health", headers)
        server.stop()
        output = server.output

    assert b"set-cookie" not in answer.lower()
    assert "\x1b" not in output
    assert all(json.loads(line) for line in output.splitlines())


@pytest.mark.parametrize(
    ("trusted", "seen"), [("", "127.0.0.1"), ("10.0.0.1", "127.0.0.1"), ("127.0.0.1", "9.9.9.9")]
)
def test_forwarded_addresses_are_believed_from_proxies_only(
    project: Path, environment: Environment, trusted: str, seen: str
) -> None:
    way = (*WITH_EXTRA, "--no-proxy-headers")
    with serve(project, environment, way, env={"TRUSTED_PROXIES": trusted}) as server:
        answer = CLIENT.get(f"{server.url}/client", headers={"X-Forwarded-For": "9.9.9.9"})

    assert answer.json() == seen


class TestShutdown:
    def test_it_answers_during_the_drain(self, project: Path, environment: Environment) -> None:
        """But it is not ready, and keeps no connection for a further request."""
        with serve(project, environment, WITH_EXTRA, {"SHUTDOWN_DRAIN_SECONDS": "600"}) as server:
            assert CLIENT.get(f"{server.url}/ready").status_code == 200
            server.process.send_signal(signal.SIGTERM)
            until(lambda: CLIENT.get(f"{server.url}/ready").status_code == 503)

            assert CLIENT.get(f"{server.url}/ready").headers["connection"] == "close"
            assert CLIENT.get(f"{server.url}/health").status_code == 200

    def test_what_is_under_way_is_answered(self, project: Path, environment: Environment) -> None:
        def get(path: str) -> httpx2.Response:
            return CLIENT.get(f"{server.url}{path}", timeout=60)

        with (
            serve(project, environment, WITH_EXTRA, {"SHUTDOWN_DRAIN_SECONDS": "1"}) as server,
            ThreadPoolExecutor(10) as pool,
        ):
            # Longer than the server listens.
            answers = [pool.submit(get, "/slow/6") for _ in range(10)]
            until(lambda: get("/under-way").json() == 10)
            server.process.send_signal(signal.SIGTERM)

            assert [answer.result().status_code for answer in answers] == [200] * 10
            assert server.process.wait(timeout=60) == -signal.SIGTERM

    @pytest.fixture
    def server(self, project: Path, environment: Environment) -> Iterator[Server]:
        """However long clients on a busy machine take to see that it is not ready."""
        with serve(project, environment, WITH_EXTRA, {"SHUTDOWN_DRAIN_SECONDS": "600"}) as server:
            yield server

    def test_under_load_nothing_is_lost(self, server: Server) -> None:
        """Clients that stop when readiness says so, as a load balancer does, see no error."""
        is_ready = threading.Event()
        is_ready.set()
        ends: Counter[str] = Counter()

        def client() -> None:
            with httpx2.Client(base_url=server.url, timeout=60) as connection:
                while is_ready.is_set():
                    try:
                        ends[str(connection.get("/slow/0.02").status_code)] += 1
                    except httpx2.HTTPError as error:
                        ends[repr(error)] += 1

        threads = [threading.Thread(target=client) for _ in range(20)]
        for thread in threads:
            thread.start()
        until(lambda: ends["200"] > 200)
        server.process.send_signal(signal.SIGTERM)
        until(lambda: CLIENT.get(f"{server.url}/ready").status_code == 503)
        seen = ends["200"]
        until(lambda: ends["200"] > seen + 50)
        is_ready.clear()
        for thread in threads:
            thread.join()

        assert set(ends) == {"200"}
        server.process.send_signal(signal.SIGINT)  # the drain need not end
        assert server.process.wait(timeout=60) == 0

    def test_the_grace_is_a_limit(self, project: Path, environment: Environment) -> None:
        limits = {"SHUTDOWN_GRACE_SECONDS": "2", "SHUTDOWN_DRAIN_SECONDS": "0"}
        code = "import extra, app.main, app.__main__ as m; app.main.app = extra.app; m.main()"
        with (
            serve(project, environment, ("python", "-c", code), limits) as server,
            ThreadPoolExecutor(1) as pool,
        ):
            endless = pool.submit(CLIENT.get, f"{server.url}/slow/3600", timeout=3600)
            until(lambda: CLIENT.get(f"{server.url}/under-way").json() == 1)

            assert server.stop() == -signal.SIGTERM
            assert endless.exception() is not None or endless.result().status_code == 500


def test_a_port_in_use_is_said(project: Path, environment: Environment) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = environment.run(*BY_SETTINGS, cwd=project, env={"PORT": str(port)})

    assert result.code != 0
    assert "address already in use" in (result.out + result.err).lower()
