"""A generated project in front of a PostgreSQL that goes away, is slow, or says no."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment
from tests.live.fault_proxy import FaultProxy
from tests.live.server import CLIENT, PATIENCE, Server, serve, until
from tests.services import POSTGRESQL
from tests.support import generate

# Routes whose sessions take some time, or until they are released: no route of a project does.
EXTRA = """
import asyncio
from decimal import Decimal

from sqlalchemy import text

from app.api.deps import ReadSessionDep, SessionDep
from app.main import create_app
from app.models.item import Item, ItemStatus
from app.repositories.item import ItemRepository

app = create_app()
waiting = 0
released = asyncio.Event()


@app.post("/wait")
async def wait(session: SessionDep) -> str:
    global waiting
    item = Item(name="slow", price=Decimal(1), status=ItemStatus.DRAFT)
    await ItemRepository(session).add(item)
    waiting += 1
    await released.wait()
    waiting -= 1
    return "done"


@app.post("/release")
async def release() -> None:
    global released
    released.set()
    released = asyncio.Event()


@app.get("/twice/{seconds}")
async def twice(seconds: float, session: ReadSessionDep) -> int:
    items = ItemRepository(session)
    before = await items.list_after(0, 10)
    await asyncio.sleep(seconds)
    return len(before) + len(await items.list_after(0, 10))


@app.get("/waiting")
async def count() -> int:
    return waiting


@app.post("/demote")
async def demote(session: SessionDep) -> None:
    await session.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))


@app.post("/misuse")
async def misuse(session: ReadSessionDep) -> None:
    await session.execute(text("UPDATE items SET price = 1"))


async def raise_price(items: ItemRepository, item_id: int) -> None:
    item = await items.get_for_update(item_id)
    await items.update(item, {"price": item.price + 1})


@app.post("/touch/{first}/{second}")
async def touch(first: int, second: int, session: SessionDep) -> str:
    items = ItemRepository(session)
    await raise_price(items, first)
    await asyncio.sleep(0.2)
    await raise_price(items, second)
    return "done"
"""
WITH_EXTRA = ("uvicorn", "extra:app", "--port", "{port}")
LIMITS = {
    "DATABASE_CONNECT_TIMEOUT_SECONDS": "2",
    "DATABASE_POOL_TIMEOUT_SECONDS": "1",
    "DATABASE_STATEMENT_TIMEOUT_SECONDS": "2",
}
VOUCHERS = Operation("router", "vouchers", {"fields": ("code:str:max=20:unique",)})
ITEM = {"name": "Lamp", "price": "12.50"}


@dataclass(frozen=True)
class Setting:
    """A project with its database, and what is between them."""

    project: Path
    environment: Environment
    database: str
    proxy: FaultProxy

    @property
    def variables(self) -> dict[str, str]:
        there = urlsplit(POSTGRESQL.url)
        user = there.netloc.rpartition("@")[0]
        url = f"postgresql://{user}@127.0.0.1:{self.proxy.port}/{self.database}"
        return {"DATABASE_URL": url, "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop"}

    @property
    def impatient(self) -> dict[str, str]:
        """With limits that are soon reached."""
        return {**self.variables, **LIMITS}

    @property
    def patient(self) -> dict[str, str]:
        """With limits that a busy machine does not reach."""
        return {**self.variables, **PATIENCE}

    def run(self, statement: str) -> list[list[object]]:
        """Ask the database itself, beside the proxy."""
        rows: list[list[object]] = POSTGRESQL.run(self.environment, statement, self.database)
        return rows

    def idle_in_transaction(self) -> int:
        activity = "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
        return Counter(str(row[0]) for row in self.run(activity))["idle in transaction"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults")
    project = generate(folder, patterns=("database",), operations=(*EXAMPLES, VOUCHERS))
    (project / "extra.py").write_text(EXTRA)
    return project


@pytest.fixture(scope="module")
def shared(project: Path, environment: Environment) -> Iterator[Setting]:
    there = urlsplit(POSTGRESQL.url)
    with (
        POSTGRESQL.database(environment) as database,
        FaultProxy(there.hostname or "127.0.0.1", there.port or 5432).running() as proxy,
    ):
        setting = Setting(project, environment, database, proxy)
        environment.migrate(project, setting.variables)
        yield setting


@pytest.fixture
def setting(shared: Setting) -> Setting:
    """With empty tables, and nothing that remains of a fault."""
    shared.proxy.accept()
    shared.proxy.flow()
    shared.proxy.delay = 0
    shared.proxy.cut()  # nobody else holds a lock
    shared.run("TRUNCATE items, vouchers RESTART IDENTITY")
    return shared


@pytest.fixture(scope="module")
def server(shared: Setting) -> Iterator[Server]:
    with serve(shared.project, shared.environment, WITH_EXTRA, shared.impatient) as server:
        yield server


@pytest.fixture(scope="module")
def patient_server(shared: Setting) -> Iterator[Server]:
    """For what has to succeed, although the machine may be busy."""
    with serve(shared.project, shared.environment, WITH_EXTRA, shared.patient) as server:
        yield server


def call(server: Server, method: str, path: str, **options: object) -> httpx2.Response:
    """A request; it fails if there is no answer long after every limit."""
    return CLIENT.request(method, f"{server.url}{path}", timeout=30, **options)  # type: ignore[arg-type]


def get_items(server: Server) -> httpx2.Response:
    return call(server, "GET", "/api/v1/items")


def create_item(server: Server) -> httpx2.Response:
    return call(server, "POST", "/api/v1/items", json=ITEM)


def assert_unavailable(response: httpx2.Response) -> None:
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.json()["code"] == "unavailable"


def assert_out_of_order(server: Server) -> None:
    assert_unavailable(get_items(server))
    assert_unavailable(create_item(server))
    assert_unavailable(call(server, "GET", "/ready"))
    assert call(server, "GET", "/health").status_code == 200


def assert_recovers(server: Server) -> None:
    """On a busy machine, a request may reach a limit once more."""
    until(lambda: call(server, "GET", "/ready").status_code == 200)
    until(lambda: succeeds(get_items(server), 200))
    until(lambda: succeeds(create_item(server), 201))


def succeeds(response: httpx2.Response, status: int) -> bool:
    """Whether it does; if it does not, it says that the database is unavailable."""
    if response.status_code != status:
        assert_unavailable(response)
    return response.status_code == status


def test_down_at_the_start(setting: Setting) -> None:
    setting.proxy.refuse()
    with serve(setting.project, setting.environment, WITH_EXTRA, setting.impatient) as server:
        assert_out_of_order(server)
        assert "database_unavailable" in server.output

        setting.proxy.accept()

        assert_recovers(server)


def test_not_migrated(setting: Setting) -> None:
    with POSTGRESQL.database(setting.environment) as database:
        empty = replace(setting, database=database)
        with serve(empty.project, empty.environment, WITH_EXTRA, empty.impatient) as server:
            assert "alembic upgrade head" in server.output
            assert_out_of_order(server)

            empty.environment.migrate(empty.project, empty.variables)

            assert_recovers(server)


def test_down_and_back(setting: Setting, patient_server: Server) -> None:
    assert create_item(patient_server).status_code == 201

    setting.proxy.refuse()
    assert_out_of_order(patient_server)

    setting.proxy.accept()
    assert_recovers(patient_server)


def test_restarted_between_two_requests(setting: Setting, patient_server: Server) -> None:
    """Connections that were cut while idle are replaced: no request notices."""
    for _ in range(3):
        assert get_items(patient_server).status_code == 200
        assert create_item(patient_server).status_code == 201
        setting.proxy.cut()

    assert get_items(patient_server).json()["total"] == 3


def test_cut_mid_request(setting: Setting, patient_server: Server) -> None:
    server = patient_server
    with ThreadPoolExecutor() as pool:
        cut = pool.submit(call, server, "POST", "/wait")
        until(lambda: call(server, "GET", "/waiting").json() == 1)
        setting.proxy.cut()
        call(server, "POST", "/release")

        assert_unavailable(cut.result())
    assert get_items(server).json()["total"] == 0


def test_a_connection_to_a_standby_is_replaced(setting: Setting) -> None:
    """As one that was lost. A write in a session for reads is a bug."""
    settings = {**setting.patient, "DATABASE_POOL_SIZE": "1"}
    with serve(setting.project, setting.environment, WITH_EXTRA, settings) as server:
        assert call(server, "POST", "/demote").status_code == 200

        assert create_item(server).status_code == 201
        assert "database_unavailable" in server.output

        assert call(server, "POST", "/misuse").status_code == 500
        assert "cannot execute UPDATE in a read-only transaction" in server.output


def test_black_holed(setting: Setting, server: Server) -> None:
    assert_recovers(server)  # so that it has connections

    setting.proxy.black_hole()
    assert_out_of_order(server)

    setting.proxy.flow()
    assert_recovers(server)


def test_slow(setting: Setting, server: Server) -> None:
    setting.proxy.delay = 0.02
    assert_recovers(server)

    setting.proxy.delay = 10
    assert_out_of_order(server)

    setting.proxy.delay = 0
    assert_recovers(server)


def test_pool_exhausted(setting: Setting) -> None:
    small = {
        "DATABASE_POOL_SIZE": "1",
        "DATABASE_MAX_OVERFLOW": "0",
        "DATABASE_POOL_TIMEOUT_SECONDS": "1",
    }
    variables = {**setting.patient, **small}
    with (
        serve(setting.project, setting.environment, WITH_EXTRA, variables) as server,
        ThreadPoolExecutor() as pool,
    ):
        holding = pool.submit(call, server, "POST", "/wait")
        until(lambda: call(server, "GET", "/waiting").json() == 1)

        assert_unavailable(create_item(server))
        assert get_items(server).status_code == 200  # reads have a pool of their own
        call(server, "POST", "/release")
        assert holding.result().status_code == 200
        assert create_item(server).status_code == 201


def test_of_racing_inserts_of_one_value_one_wins(setting: Setting, patient_server: Server) -> None:
    def insert(_: int) -> int:
        return call(patient_server, "POST", "/api/v1/vouchers", json={"code": "SAME"}).status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = Counter(pool.map(insert, range(50)))

    assert statuses == {201: 1, 409: 49}
    assert setting.run("SELECT count(*) FROM vouchers") == [[1]]


def test_a_deadlock_is_retried(setting: Setting, patient_server: Server) -> None:
    for _ in range(2):
        assert create_item(patient_server).status_code == 201

    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = setting.run(deadlocks)
    rounds = 0
    with ThreadPoolExecutor() as pool:
        # On a busy machine, one way may end before the other begins.
        while rounds < 3 or setting.run(deadlocks) == before:
            rounds += 1
            ways = [
                pool.submit(call, patient_server, "POST", path)
                for path in ("/touch/1/2", "/touch/2/1")
            ]
            assert [way.result().status_code for way in ways] == [200, 200]

    assert setting.run("SELECT version FROM items") == [[1 + 2 * rounds]] * 2


def test_racing_patches_all_succeed(setting: Setting, patient_server: Server) -> None:
    url = create_item(patient_server).headers["location"]

    def patch(number: int) -> int:
        return call(patient_server, "PATCH", url, json={"price": f"{number}.00"}).status_code

    with ThreadPoolExecutor(40) as pool:
        assert Counter(pool.map(patch, range(40))) == {200: 40}
    assert setting.run("SELECT version FROM items") == [[41]]


def test_requests_that_wait_between_reads_hold_no_connection(setting: Setting) -> None:
    # If they held ten connections for two seconds each, the last would wait for 18 seconds.
    timeouts = dict.fromkeys(LIMITS, "10")
    pool_of_ten = {"DATABASE_POOL_SIZE": "10", "DATABASE_MAX_OVERFLOW": "0"}
    variables = {**setting.variables, **timeouts, **pool_of_ten}
    with (
        serve(setting.project, setting.environment, WITH_EXTRA, variables) as server,
        httpx2.Client(base_url=server.url, timeout=60) as client,
        ThreadPoolExecutor(100) as pool,
    ):
        create_item(server)
        answers = pool.map(lambda _: client.get("/twice/2").text, range(100))

        assert Counter(answers) == {"2": 100}


def test_a_schema_change_under_a_running_service(setting: Setting, patient_server: Server) -> None:
    """Prepared statements of both pools become invalid; their requests are retried."""
    url = create_item(patient_server).headers["location"]

    def use(number: int) -> list[int]:
        answers = [
            call(patient_server, "GET", url),
            call(patient_server, "PATCH", url, json={"price": f"{number}.00"}),
            call(patient_server, "GET", "/api/v1/items?q=lamp"),
        ]
        return [answer.status_code for answer in answers]

    with ThreadPoolExecutor(20) as pool:
        for length in (200, 300):
            assert Counter(map(tuple, pool.map(use, range(40)))) == {(200, 200, 200): 40}
            setting.run(f"ALTER TABLE items ALTER name TYPE varchar({length})")
        assert Counter(map(tuple, pool.map(use, range(40)))) == {(200, 200, 200): 40}


def test_round_trips(setting: Setting) -> None:
    """A row is read in one round trip; a transaction adds one to begin, and one to commit."""
    with serve(setting.project, setting.environment, WITH_EXTRA, setting.patient) as server:
        url = create_item(server).headers["location"]
        numbers = count()
        requests: dict[str, Callable[[], httpx2.Response]] = {
            "read": lambda: call(server, "GET", url),
            "create": lambda: create_item(server),
            "patch": lambda: call(server, "PATCH", url, json={"name": f"Pen {next(numbers)}"}),
            "page": lambda: get_items(server),
        }
        counts = {}
        for name, request in requests.items():
            request()  # its statements are prepared
            before = setting.proxy.sent
            assert request().is_success
            counts[name] = setting.proxy.sent - before

    assert counts == {"read": 1, "create": 3, "patch": 4, "page": 2}


def test_a_commit_that_fails_is_no_success(setting: Setting, patient_server: Server) -> None:
    constraint = "CONSTRAINT late UNIQUE (name) DEFERRABLE INITIALLY DEFERRED"
    setting.run(f"ALTER TABLE items ADD {constraint}")
    try:
        answers = [create_item(patient_server) for _ in range(2)]
    finally:
        setting.run("ALTER TABLE items DROP CONSTRAINT late")

    assert [answer.status_code for answer in answers] == [201, 409]
    assert setting.run("SELECT count(*) FROM items") == [[1]]


def test_nothing_stays_open_when_clients_leave(setting: Setting, patient_server: Server) -> None:
    server = patient_server
    request = b"POST /wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"

    def waiting() -> int:
        return int(call(server, "GET", "/waiting").json())

    for _ in range(5):
        before = waiting()
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(request)
            until(lambda before=before: waiting() > before)  # type: ignore[misc]
    call(server, "POST", "/release")
    until(lambda: waiting() == 0)

    until(lambda: setting.idle_in_transaction() == 0)
    assert_recovers(server)
