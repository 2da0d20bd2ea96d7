"""What signing in tells, and what it costs others: `python -m benchmarks.logins`.

Whether an address is that of a user must not be told by how long a refusal takes. And since a hash
of a password takes long on purpose, others must not wait for it.
"""

import http.client
import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlencode

from benchmarks.compared_apps import generated
from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.rounds import Spread, interleaved, ratio
from benchmarks.servers import Server, serve
from benchmarks.tables import publish
from tests.environment import prepare
from tests.support import generate

DISTRIBUTIONS = ["fastapi", "pwdlib", "argon2-cffi", "uvicorn"]
ROUNDS = 9
GUESSES = 10
"""To a round."""
REQUESTS = 400
CLIENTS = 8
"""That sign in at the same time, over and over."""

EMAIL, PASSWORD, WRONG = "ann@example.com", "a tall ship at dawn", "a small ship at dusk"
WITHOUT_LIMITS = {
    "LOGIN_FAILURES": "1000000/second",
    "LOGIN_FAILURES_PER_IP": "1000000/second",
    "LOGIN_FAILURES_PER_ACCOUNT": "1000000/second",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def main() -> None:
    with TemporaryDirectory() as name:
        project = generate(Path(name), patterns=("database", "auth"))
        environment = prepare(project)
        application = generated(project)
        variables = {**application.variables, **WITHOUT_LIMITS}
        about = f"{description(environment.python, DISTRIBUTIONS)}."
        environment.migrate(project, variables)
        pin(os.getpid(), CLIENT_CORE)
        with serve(replace(application, variables=variables), environment) as server:
            _register(server)
            header = ["a refusal for", "wall, ms", "wall / wrong password"]
            publish("refusals", about, header, _refusals(server))
            header = ["`GET /health`", "p99, ms", "p99 / alone"]
            publish("neighbours", about, header, _neighbours(server))


def _refusals(server: Server) -> list[list[str]]:
    names = {
        "a wrong password": EMAIL,
        "the same once more: noise": EMAIL,
        "an unknown address": "nobody@example.com",
    }
    taken = interleaved(
        {name: partial(_refusal, server, email) for name, email in names.items()}, ROUNDS
    )
    wrong = taken["a wrong password"]
    return [
        [
            name,
            f"{Spread.of([value * 1000 for value in values]):.1f}",
            f"{ratio(values, wrong):.2f}",
        ]
        for name, values in taken.items()
    ]


def _refusal(server: Server, email: str) -> float:
    """The median of some, in seconds."""
    seconds = []
    with closing(_connection(server)) as connection:
        for _ in range(GUESSES):
            started = perf_counter()
            assert _sign_in(connection, email, WRONG) == 401
            seconds.append(perf_counter() - started)
    return median(seconds)


def _neighbours(server: Server) -> list[list[str]]:
    taken = interleaved(
        {
            "alone": partial(_slowest, server, 0),
            "the same once more: noise": partial(_slowest, server, 0),
            f"while {CLIENTS} clients sign in": partial(_slowest, server, CLIENTS),
        },
        ROUNDS,
    )
    return [
        [
            name,
            f"{Spread.of([value * 1000 for value in values]):.1f}",
            f"{ratio(values, taken['alone']):.1f}",
        ]
        for name, values in taken.items()
    ]


def _slowest(server: Server, clients: int) -> float:
    """The 99th percentile of a short route, in seconds, while others sign in."""
    seconds = []
    with _signing_in(server, clients), closing(_connection(server)) as connection:
        for _ in range(REQUESTS):
            started = perf_counter()
            assert _ask(connection, "GET", "/health") == 200
            seconds.append(perf_counter() - started)
    return quantiles(seconds, n=100)[-1]


@contextmanager
def _signing_in(server: Server, clients: int) -> Iterator[None]:
    stop = threading.Event()

    def run() -> None:
        with closing(_connection(server)) as connection:
            while not stop.is_set():
                assert _sign_in(connection, EMAIL, PASSWORD) == 200

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _register(server: Server) -> None:
    body = f'{{"email": "{EMAIL}", "password": "{PASSWORD}"}}'
    with closing(_connection(server)) as connection:
        assert _ask(connection, "POST", "/api/v1/auth/register", body, JSON) == 201


def _sign_in(connection: http.client.HTTPConnection, email: str, password: str) -> int:
    form = urlencode({"username": email, "password": password})
    return _ask(connection, "POST", "/api/v1/auth/token", form, FORM)


def _connection(server: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.port)


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | None = None,
    headers: dict[str, str] | None = None,
) -> int:
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    response.read()
    return response.status


if __name__ == "__main__":
    main()
