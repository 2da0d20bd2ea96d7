"""How fast the projects of generators answer, beside that of fastgen.

    python3.14 -m benchmarks.peer_routes FOLDER [NAME ...]

`FOLDER/NAME` has each project, made by the commands of `docs/why.md`, with what it needs in a
`.venv` of its own, all of one version of Python: one needs 3.14. `peer_NAME` is an empty database
of each, on PostgreSQL. This program needs only the standard library, so that any Python runs it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

from benchmarks.load import Request, ask
from benchmarks.machine import CLIENT_CORE, SERVER_CORE, cpu_seconds, pin
from benchmarks.rounds import interleaved, ratio
from benchmarks.tables import publish

ROUNDS = 7
SECONDS = 2.0
SECONDS_TO_START = 60
FIRST_PORT = 8460
OPTIONS = "--workers 1 --no-proxy-headers --no-server-header".split()
SECRET = "a-secret-of-more-than-thirty-two-bytes"
# One of them asks for the event loop of the thread, which Python 3.14 does not make any more.
MIGRATE = """
import asyncio
from alembic.config import main
asyncio.set_event_loop(asyncio.new_event_loop())
main(["upgrade", "head"])
"""
HEADER = [
    "project",
    "time to the first answer",
    "health: rate",
    "the same by CPU",
    "the signed-in user: rate",
    "the same by CPU",
]
EMAIL, PASSWORD = "ann@example.com", "A tall ship at dawn, 1"


@dataclass(frozen=True)
class Peer:
    """A project, and the routes that all of them have."""

    health: str
    sign_in: str
    target: str = "app.main:app"
    """Module and variable, for uvicorn."""
    register: str = "/api/v1/auth/register"
    me: str = "/api/v1/users/me"
    """The user of the token."""
    variables: Mapping[str, str] = field(default_factory=dict)
    subfolder: str = ""
    options: tuple[str, ...] = ()
    """Further options of uvicorn."""

    def migrate(self, folder: Path) -> None:
        place = folder / self.subfolder
        command = [str(place / ".venv/bin/python"), "-c", MIGRATE]
        subprocess.run(command, cwd=place, env=self.environment(), check=True, capture_output=True)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": ".", **self.variables}


def _url(name: str, driver: str = "") -> dict[str, str]:
    return {"DATABASE_URL": f"postgresql{driver}://postgres:postgres@127.0.0.1/peer_{name}"}


def _parts(prefix: str, name: str, **words: str) -> dict[str, str]:
    """Settings of a database in parts; `words` are the names of the last parts."""
    values = {"HOST": "127.0.0.1", "USER": "postgres", "PASSWORD": "postgres", "DB": f"peer_{name}"}
    return {f"{prefix}{words.get(key, key)}": value for key, value in values.items()}


PEERS = {
    "fastgen": Peer(
        options=("--no-access-log",),  # it has an access log of its own
        health="/health",
        sign_in="/api/v1/auth/token",
        variables={"ENVIRONMENT": "development", "SECRET_KEY": SECRET, **_url("fastgen")},
    ),
    "fastapi-fullstack": Peer(
        health="/api/v1/health",
        sign_in="/api/v1/auth/login",
        variables={"SECRET_KEY": SECRET, **_parts("POSTGRES_", "fastapi-fullstack")},
        subfolder="backend",
    ),
    "full-stack-fastapi-template": Peer(
        health="/api/v1/utils/health-check/",
        register="/api/v1/users/signup",
        sign_in="/api/v1/login/access-token",
        variables={
            "PROJECT_NAME": "shop",
            "SECRET_KEY": SECRET,
            "FIRST_SUPERUSER": "root@example.com",
            "FIRST_SUPERUSER_PASSWORD": PASSWORD,
            **_url("full-stack-fastapi-template"),
        },
    ),
    "FastAPI-fastkit": Peer(
        target="src.app.main:app",
        health="/api/v1/health",
        sign_in="/api/v1/auth/login",
        variables={"SECRET_KEY": SECRET, **_url("FastAPI-fastkit", "+psycopg")},
    ),
    "fastapi_template": Peer(
        target="shop.web.application:get_app",
        options=("--factory",),
        health="/api/health",
        register="/api/auth/register",
        sign_in="/api/auth/jwt/login",
        me="/api/users/me",
        variables={
            "USERS_SECRET": SECRET,
            **_parts("SHOP_DB_", "fastapi_template", PASSWORD="PASS", DB="BASE"),
        },
    ),
}


@dataclass(frozen=True)
class Rate:
    wall: float
    """Answers a second."""
    cpu: float
    """Answers a second of the server's processor."""


class Server:
    """A project that answers; `seconds_to_answer` is from its start to the first 200."""

    def __init__(self, peer: Peer, folder: Path, port: int) -> None:
        self.port = port
        place = folder / peer.subfolder
        uvicorn = str(place / ".venv/bin/uvicorn")
        command = [uvicorn, peer.target, "--port", str(port), *OPTIONS, *peer.options]
        started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=place,
            env=peer.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        pin(self.process.pid, SERVER_CORE)
        while not self._answers(peer.health):
            if self.process.poll() is not None or time.perf_counter() > started + SECONDS_TO_START:
                raise SystemExit(f"{' '.join(command)} does not answer.")
            time.sleep(0.002)
        self.seconds_to_answer = time.perf_counter() - started

    def rate(self, request: Request) -> Rate:
        before = cpu_seconds(self.process.pid)
        answers = ask(self.port, request, SECONDS)
        used = cpu_seconds(self.process.pid) - before
        return Rate(answers.count / answers.seconds, answers.count / used)

    def post(self, path: str, body: bytes, kind: str) -> bytes:
        url = f"http://127.0.0.1:{self.port}{path}"
        with urlopen(UrlRequest(url, body, {"Content-Type": kind})) as response:
            return bytes(response.read())

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()

    def _answers(self, path: str) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}") as response:
                return bool(response.status == 200)
        except HTTPError:
            raise
        except OSError:
            return False


@contextmanager
def serve(name: str, folder: Path) -> Iterator[Server]:
    server = Server(PEERS[name], folder, FIRST_PORT + list(PEERS).index(name))
    try:
        yield server
    finally:
        server.close()


def sign_in(server: Server, peer: Peer) -> str:
    """Register the user, unless an earlier run did, and sign in; the token."""
    person = {"email": EMAIL, "password": PASSWORD, "full_name": "Ann"}
    if peer is PEERS["fastgen"]:
        del person["full_name"]
    try:
        server.post(peer.register, json.dumps(person).encode(), "application/json")
    except HTTPError as error:
        if error.code not in (400, 409):
            raise
    form = urlencode({"username": EMAIL, "password": PASSWORD}).encode()
    answer = server.post(peer.sign_in, form, "application/x-www-form-urlencoded")
    return str(json.loads(answer)["access_token"])


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1])
    names = [name for name in sys.argv[2:] if name in PEERS] or list(PEERS)
    pin(os.getpid(), CLIENT_CORE)
    for name in names:
        PEERS[name].migrate(folder / name)
    starts = interleaved({name: partial(_start, name, folder / name) for name in names}, ROUNDS)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serve(name, folder / name)) for name in names}
        health = _rates(servers, {name: Request("GET", PEERS[name].health) for name in names})
        me = _rates(
            servers, {name: _who_am_i(server, PEERS[name]) for name, server in servers.items()}
        )
    first = names[0]
    rows = [
        [
            name,
            f"{ratio(starts[name], starts[first]):.2f}",
            *_compared(health[name], health[first]),
            *_compared(me[name], me[first]),
        ]
        for name in names
    ]
    title = f"2 cores, CPython {sys.version.split()[0]}, PostgreSQL on the same machine."
    publish("peers", title, HEADER, rows)


def _rates(servers: Mapping[str, Server], requests: Mapping[str, Request]) -> dict[str, list[Rate]]:
    return interleaved(
        {name: partial(server.rate, requests[name]) for name, server in servers.items()}, ROUNDS
    )


def _who_am_i(server: Server, peer: Peer) -> Request:
    return Request("GET", peer.me, headers=(f"Authorization: Bearer {sign_in(server, peer)}",))


def _start(name: str, folder: Path) -> float:
    with serve(name, folder) as server:
        return server.seconds_to_answer


def _compared(rates: Sequence[Rate], others: Sequence[Rate]) -> tuple[str, str]:
    wall = ratio([rate.wall for rate in rates], [rate.wall for rate in others])
    cpu = ratio([rate.cpu for rate in rates], [rate.cpu for rate in others])
    return f"{wall:.2f}", f"{cpu:.2f}"


if __name__ == "__main__":
    main()
