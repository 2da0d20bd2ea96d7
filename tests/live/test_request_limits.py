"""Requests that cost much to parse are refused before they are parsed."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.live.realtime import processes
from tests.live.server import CLIENT, Server, serve
from tests.support import generate

MEGABYTE = 1_000_000
JSON = {"Content-Type": "application/json"}
LARGE_HEADERS = {
    "one line": (b"x" * 1000, 100_000),
    "many lines": (b"x: y\r\n" * 1000, 20_000),
}
"""Parts of the headers of a request, and how often each is sent: 100 MB at least."""
CHUNKED = (
    b"POST /api/v1/items HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
)
STARTS = {
    "head": b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
    "trailer": CHUNKED + b"0\r\nX-Long: ",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, environment: Environment) -> Iterator[Server]:
    project = generate(tmp_path_factory.mktemp("limits"))
    with serve(project, environment) as server:
        yield server


def peak_megabytes(server: Server) -> int:
    """The memory that all its processes have had."""
    kilobytes = 0
    for process in processes(server):
        status = Path(f"/proc/{process}/status").read_text()
        kilobytes += int(status.partition("VmHWM:")[2].split()[0])
    return kilobytes // 1000


def post(server: Server, body: bytes) -> tuple[int, list[str]]:
    """The status, and the types of the errors."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("POST", "/api/v1/items", body, JSON)
        response = connection.getresponse()
        errors = json.loads(response.read())["errors"]
    return response.status, [error["type"] for error in errors]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({f"key{n}": n for n in range(400_000)}).encode(),
        b'{"name": [' + b"[]," * 3_000_000 + b"1]}",
        b'{"name": ' + b"[" * 500 + b"]" * 500 + b"}",
    ],
    ids=["keys", "arrays", "depth"],
)
def test_json(server: Server, body: bytes) -> None:
    before = peak_megabytes(server)

    assert post(server, body) == (422, ["json_invalid"])
    assert peak_megabytes(server) - before < 8 * len(body) / MEGABYTE + 10


@pytest.mark.parametrize(("part", "count"), [*LARGE_HEADERS.values()], ids=[*LARGE_HEADERS])
@pytest.mark.parametrize("start", [*STARTS.values()], ids=[*STARTS])
def test_headers_are_refused_while_they_arrive(
    server: Server, start: bytes, part: bytes, count: int
) -> None:
    before = peak_megabytes(server)

    assert send_headers(server, start, part, count) < 20 * MEGABYTE
    assert peak_megabytes(server) - before < 20


def send_headers(server: Server, start: bytes, part: bytes, count: int) -> int:
    """Send headers until the server refuses them; the bytes that it took.

    Meanwhile it answers other clients.
    """
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(start)
        with suppress(ConnectionError):
            while sent < count * len(part):
                client.sendall(part)
                if sent == 0:
                    assert CLIENT.get(f"{server.url}/health").status_code == 200
                sent += len(part)
    assert CLIENT.get(f"{server.url}/health").status_code == 200
    return sent


def test_a_request_with_headers_that_are_too_large_gets_431(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 200_000)
        # Reading without sending more: a reset would discard the response.
        client.sendall(b"x" * 200_000)
        answer = client.recv(100)

    assert answer.startswith(b"HTTP/1.1 431 ")


def test_the_fields_of_a_trailer_are_no_headers(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        # In one segment: the whole request has arrived when the service starts to answer it.
        client.sendall(CHUNKED + b"0\r\nX-Request-ID: from-the-trailer\r\nHost: unknown\r\n\r\n")
        answer = client.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 422 ")
    assert b"from-the-trailer" not in answer


def test_pipelined_requests_are_answered(server: Server) -> None:
    request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 60_000 + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(
            request * 10 + request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        answers = b""
        while part := client.recv(65_536):
            answers += part

    assert answers.count(b"HTTP/1.1 200 ") == 11


def test_a_flood_of_pipelined_requests_closes_its_connection(server: Server) -> None:
    before = peak_megabytes(server)
    request = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        answers = b""
        with suppress(ConnectionError):
            client.sendall(request * 20_000)
            while part := client.recv(65_536):
                answers += part

    assert answers.count(b"HTTP/1.1 200 ") < 200
    assert CLIENT.get(f"{server.url}/health").status_code == 200
    assert peak_megabytes(server) - before < 20
