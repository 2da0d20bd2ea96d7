"""A generated project with two workers, and a Redis that is down, slow, or full of rubbish."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from urllib.parse import urlsplit

import httpx2
import pytest

from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment
from tests.live.fault_proxy import FaultProxy
from tests.live.realtime import set_constants
from tests.live.server import CLIENT, Server, serve, until
from tests.matrix.combinations import EVERYTHING
from tests.matrix.test_generated import DESTINATION, add_insides
from tests.services import POSTGRESQL, REDIS, KeyValueService
from tests.support import generate

# A source that counts its loads in a table, since there are several processes; a route whose
# response depends on a header; a row that is read slowly; the id of the worker.
EXTRA = """
import asyncio
import os

from fastapi import Header, Request
from sqlalchemy import text

from app.api.v1.items import ItemReads
from app.cache.routes import cached
from app.core.routing import flatten_routes
from app.lifespan import Connection
from app.main import create_app
from app.models.item import Item

app = create_app()


@app.get("/source")
@cached(Item)
async def load(
    request: Request, connection: Connection, seconds: float = 0, key: str = ""
) -> int:
    engine = connection.state["database"].writes
    async with engine.begin() as opened:
        await opened.execute(text("INSERT INTO loads (key) VALUES (:key)"), {"key": key})
    await asyncio.sleep(seconds)
    return os.getpid()


@app.get("/mine")
@cached(Item)
async def mine(request: Request) -> str:
    return request.headers.get("authorization", "nobody")


@app.get("/slowly/{item_id}")
@cached(Item)
async def read_slowly(request: Request, item_id: int, items: ItemReads, pause: float = 0) -> str:
    name = (await items.get(item_id)).name
    await asyncio.sleep(pause)
    return name


@app.get("/worker")
async def worker() -> int:
    return os.getpid()


@app.get("/limited")
async def limited() -> int:
    return os.getpid()


flatten_routes(app)
"""
COMMAND = ("uvicorn", "extra:app", "--port", "{port}", "--workers", "2", "--no-access-log")
ONE_WORKER = COMMAND[:4]
ITEM = {"name": "Lamp", "price": "12.50"}
RACES = 600 if EVERYTHING else 150
MORE = 0.2
"""Seconds that a fault of Redis may add to a response."""
TRIES = 20
"""A busy machine delays responses too."""
PATIENT = {"REDIS_TIMEOUT_SECONDS": "10"}
"""A busy machine must not look like an outage."""
QUIET_SECONDS = 30
"""At most one line in this time says that Redis is unavailable."""


@dataclass(frozen=True)
class Setting:
    """A project with its database, and with a fault proxy in front of its Redis."""

    project: Path
    environment: Environment
    database: str
    proxy: FaultProxy
    prefix: str

    @property
    def variables(self) -> dict[str, str]:
        number = urlsplit(REDIS.url).path
        return {
            "DATABASE_URL": f"{POSTGRESQL.url}{self.database}",
            "REDIS_URL": f"redis://127.0.0.1:{self.proxy.port}{number}",
            "REDIS_PREFIX": self.prefix,
            "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
            "ACCESS_LOG": "false",
            "RATE_LIMITS": "{}",
            **PATIENT,
        }

    @property
    def impatient(self) -> dict[str, str]:
        """With the default timeouts."""
        return {name: value for name, value in self.variables.items() if name not in PATIENT}

    def loads(self, key: str) -> int:
        statement = f"SELECT count(*) FROM loads WHERE key = '{key}'"
        return int(POSTGRESQL.run(self.environment, statement, self.database)[0][0])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(
        tmp_path_factory.mktemp("cache"),
        patterns=("database", "cache"),
        operations=(*EXAMPLES, Operation("middleware", "rate-limit")),
    )
    (project / "extra.py").write_text(EXTRA)
    set_constants(project / "app/cache/cache.py", WAIT_SECONDS=10)
    return project


def proxy_of_redis() -> AbstractContextManager[FaultProxy]:
    there = urlsplit(REDIS.url)
    return FaultProxy(there.hostname or "127.0.0.1", there.port or 6379).running()


@pytest.fixture(scope="module")
def shared(project: Path, environment: Environment) -> Iterator[Setting]:
    """What `server` works with."""
    with (
        POSTGRESQL.database(environment) as database,
        REDIS.keys(environment) as prefix,
        proxy_of_redis() as proxy,
    ):
        setting = Setting(project, environment, database, proxy, prefix)
        environment.migrate(project, setting.variables)
        POSTGRESQL.run(environment, "CREATE TABLE loads (key text)", database)
        yield setting


@pytest.fixture(autouse=True)
def no_rows(shared: Setting) -> None:
    POSTGRESQL.run(shared.environment, "TRUNCATE items, loads RESTART IDENTITY", shared.database)
    REDIS.clear(shared.environment, shared.prefix)


@pytest.fixture
def setting(shared: Setting) -> Iterator[Setting]:
    """With a proxy, and so with faults, of its own."""
    with proxy_of_redis() as proxy:
        yield replace(shared, proxy=proxy)


@pytest.fixture(scope="module")
def server(shared: Setting) -> Iterator[Server]:
    with serve(shared.project, shared.environment, COMMAND, shared.variables) as server:
        yield server


def get(server: Server, path: str, **headers: str) -> httpx2.Response:
    return CLIENT.get(f"{server.url}{path}", headers=headers, timeout=30)


def seconds_of(server: Server, path: str, times: int = 9, pause: float = 0) -> list[float]:
    """How long each of a few answers takes, all of them good."""
    taken = []
    for _ in range(times):
        sleep(pause)
        started = monotonic()
        assert get(server, path).status_code == 200
        taken.append(monotonic() - started)
    return taken


def workers(server: Server) -> dict[int, httpx2.Client]:
    """A connection to each worker: a worker keeps those that it took."""
    found: dict[int, httpx2.Client] = {}
    deadline = monotonic() + 60
    while len(found) < 2 and monotonic() < deadline:
        client = httpx2.Client(base_url=server.url, timeout=30)
        number = int(client.get("/worker").text)
        if number in found:
            client.close()
        else:
            found[number] = client
    assert len(found) == 2
    return found


@pytest.fixture
def pair(server: Server) -> Iterator[list[httpx2.Client]]:
    """A client of each of the two workers."""
    clients = list(workers(server).values())
    yield clients
    for client in clients:
        client.close()


def create(client: httpx2.Client) -> str:
    response = client.post("/api/v1/items", json=ITEM)
    assert response.status_code == 201, response.text
    location: str = response.headers["location"]
    return location


def lines(server: Server, event: str) -> int:
    return server.output.count(event)


def test_it_is_ready_without_redis(setting: Setting) -> None:
    setting.proxy.refuse()
    with serve(setting.project, setting.environment, ONE_WORKER, setting.variables) as server:
        assert get(server, "/ready").status_code == 200
        assert get(server, "/api/v1/items").json()["total"] == 0
        assert lines(server, "redis_unavailable") == 1

        setting.proxy.accept()
        until(lambda: is_cached(setting, server))


def is_cached(setting: Setting, server: Server) -> bool:
    """Whether the second request is a hit."""
    key = f"cached{monotonic()}"
    for _ in range(3):
        get(server, f"/source?key={key}")
    return setting.loads(key) == 1


FAULTS: dict[str, Callable[[FaultProxy], None]] = {
    "down": FaultProxy.refuse,
    "hung": FaultProxy.black_hole,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_outage_costs_little_and_one_line(
    setting: Setting, fault: Callable[[FaultProxy], None]
) -> None:
    without = {**setting.variables, "CACHE_ENABLED": "false"}
    with (
        serve(setting.project, setting.environment, ONE_WORKER, without) as plain,
        serve(setting.project, setting.environment, ONE_WORKER, setting.impatient) as server,
    ):
        get(server, "/api/v1/items")
        seconds_of(plain, "/api/v1/items")
        fault(setting.proxy)
        down_since = monotonic()

        def is_little_more() -> bool:
            """During at least one attempt to reach Redis."""
            plainly = seconds_of(plain, "/api/v1/items", 15, pause=0.1)
            without_redis = seconds_of(server, "/api/v1/items", 15, pause=0.1)
            few_wait = median(without_redis) < 2 * median(plainly) + 0.01
            return few_wait and max(without_redis) - max(plainly) < MORE

        assert any(is_little_more() for _ in range(TRIES))
        said = lines(server, "redis_unavailable")
        assert 1 <= said <= 1 + (monotonic() - down_since) / QUIET_SECONDS
        assert get(server, "/ready").status_code == 200

        setting.proxy.accept() if fault is FaultProxy.refuse else setting.proxy.flow()
        until(lambda: is_cached(setting, server))


def test_slow_redis_costs_little(setting: Setting) -> None:
    with serve(setting.project, setting.environment, ONE_WORKER, setting.impatient) as server:
        before = max(seconds_of(server, "/api/v1/items"))
        for setting.proxy.delay in (0.045, 0.2):
            worst = (max(seconds_of(server, "/api/v1/items", 15, 0.1)) for _ in range(TRIES))
            assert any(seconds < before + MORE for seconds in worst)


def test_many_requests_while_redis_hangs_and_is_cut(setting: Setting) -> None:
    """A lock may be taken by a command whose reply was lost: nobody waits for it long."""
    with serve(setting.project, setting.environment, COMMAND, setting.impatient) as server:
        setting.proxy.black_hole()
        with ThreadPoolExecutor(50) as pool:
            sizes = [1 + number % 9 for number in range(200)]
            answers = [pool.submit(get, server, f"/api/v1/items?size={size}") for size in sizes]
            sleep(0.1)
            setting.proxy.flow()
            setting.proxy.cut()
            statuses = Counter(answer.result().status_code for answer in answers)

    assert statuses == {200: 200}


def test_redis_restarts_between_two_requests(shared: Setting, server: Server) -> None:
    for number in range(3):
        assert get(server, f"/source?key={number}").status_code == 200
        shared.proxy.cut()
        assert get(server, f"/source?key={number}").status_code == 200
        assert shared.loads(str(number)) == 1

    assert lines(server, "redis_unavailable") == 0


def test_rubbish_in_every_key(shared: Setting, server: Server) -> None:
    for rubbish in ("SET", "RPUSH"):
        before = get(server, "/api/v1/items").json()
        assert REDIS.spoil(shared.environment, shared.prefix, rubbish) > 0

        assert get(server, "/api/v1/items").json() == before
        assert CLIENT.post(f"{server.url}/api/v1/items", json=ITEM).status_code == 201
        assert get(server, "/api/v1/items").json()["total"] == before["total"] + 1


def test_two_hundred_misses_of_two_workers_are_one_load(
    shared: Setting, pair: list[httpx2.Client]
) -> None:
    with ThreadPoolExecutor(200) as pool:
        asked = [
            pool.submit(pair[number % 2].get, "/source?key=crowd&seconds=0.5")
            for number in range(200)
        ]
        answers = Counter(answer.result().text for answer in asked)

    assert len(answers) == 1
    assert shared.loads("crowd") == 1


def test_a_commit_invalidates_in_the_other_worker(pair: list[httpx2.Client]) -> None:
    one, other = pair
    for number in range(1, 6):
        location = create(one)
        assert other.get("/api/v1/items").json()["total"] == number
        assert other.get(location).json()["name"] == "Lamp"
        assert one.patch(location, json={"name": f"Lamp {number}"}).status_code == 200
        assert other.get(location).json()["name"] == f"Lamp {number}"
        assert one.get(location).headers["etag"] == '"2"'


def test_readers_never_see_an_older_version_again(pair: list[httpx2.Client]) -> None:
    """One worker changes a row repeatedly while others read it."""
    one, other = pair
    location = create(one)

    def read(client: httpx2.Client) -> list[int]:
        tags = [client.get(location).headers["etag"] for _ in range(150)]
        return [int(tag.strip('"')) for tag in tags]

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read, client) for client in (one, other, one, other)]
        seen_after_write = []
        for number in range(60):
            written = one.patch(location, json={"name": f"Lamp {number}"}).headers["etag"]
            seen_after_write.append((written, other.get(location).headers["etag"]))
        versions = [reader.result() for reader in readers]

    assert all(written == seen for written, seen in seen_after_write)
    assert all(found == sorted(found) for found in versions)


def test_no_stale_answer_in_races_between_a_read_and_a_commit(pair: list[httpx2.Client]) -> None:
    """Slow reads are under way in both workers while a row changes; the answers after the
    commit have the new name, from the worker that wrote and from the other one."""
    one, other = pair
    location = create(one)
    slow = f"/slowly/{location.rpartition('/')[2]}"
    stale = 0
    with ThreadPoolExecutor(4) as pool:
        for number in range(RACES):
            pause = number % 10 / 1000
            reads = [pool.submit(client.get, f"{slow}?pause={pause}") for client in pair * 2]
            sleep(number % 7 / 1000)
            name = f"Lamp {number}"
            assert one.patch(location, json={"name": name}).status_code == 200
            for client in (other, one):
                stale += client.get(f"{slow}?pause={pause}").json() != name
            for read in reads:
                read.result()
            stale += other.get(f"{slow}?pause={pause}").json() != name

    assert stale == 0


def test_responses_of_one_caller_are_for_no_other(pair: list[httpx2.Client]) -> None:
    for client in pair * 3:
        for owner in ("ann", "bob"):
            assert client.get("/mine", headers={"Authorization": owner}).json() == owner
    assert pair[0].get("/mine").json() == "nobody"


def test_a_commit_during_an_outage_invalidates_after_it(setting: Setting) -> None:
    with (
        serve(setting.project, setting.environment, ONE_WORKER, setting.variables) as server,
        httpx2.Client(base_url=server.url, timeout=30) as client,
    ):
        create(client)
        assert client.get("/api/v1/items").json()["total"] == 1
        setting.proxy.refuse()
        create(client)
        assert client.get("/api/v1/items").json()["total"] == 2
        setting.proxy.accept()

        totals = {client.get("/api/v1/items").json()["total"] for _ in range(200)}

    assert totals == {2}


def test_limits_are_exact_over_two_workers(setting: Setting) -> None:
    limits = {**setting.variables, "RATE_LIMITS": '{"/limited": "25/hour"}'}
    with serve(setting.project, setting.environment, COMMAND, limits) as server:
        pair = list(workers(server).values())
        with ThreadPoolExecutor(20) as pool:
            asked = [pool.submit(pair[number % 2].get, "/limited") for number in range(80)]
            answers = [answer.result() for answer in asked]

        assert Counter(answer.status_code for answer in answers) == {200: 25, 429: 55}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert re.fullmatch("[1-9][0-9]*", refused.headers["retry-after"])
        assert refused.json()["code"] == "rate_limited"
        assert refused.headers["content-type"] == "application/problem+json"

        # During an outage the limit applies in each worker.
        setting.proxy.refuse()
        statuses = [pair[0].get("/limited").status_code for _ in range(40)]
        assert Counter(statuses) == {200: 25, 429: 15}
        for client in pair:
            client.close()


def test_more_workers_need_redis(setting: Setting) -> None:
    variables = {**setting.variables, "REDIS_URL": "", "WORKERS": "2"}
    result = setting.environment.run("python", "-m", "app", cwd=setting.project, env=variables)

    assert result.code == 1
    assert "WORKERS: several processes need REDIS_URL" in result.err


def test_its_own_tests_pass_with_a_real_redis(setting: Setting) -> None:
    add_insides(setting.project, ["cache", "database", "redis"])
    with REDIS.database(setting.environment) as number:
        redis = KeyValueService(f"{REDIS.url.rpartition('/')[0]}/{number}")
        result = setting.environment.run(
            *("pytest", "-q", "--numprocesses=2"),
            *("tests/api", "tests/cache", "tests/redis", f"{DESTINATION}/cache"),
            cwd=setting.project,
            env={"TEST_REDIS_URL": redis.url},
        )
        left = redis.clear(setting.environment, "test-*")

    assert result.code == 0, result.out
    assert " skipped" not in result.out
    assert left == 0
