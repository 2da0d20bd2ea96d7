"""Exports of many rows out of a database: by two workers on PostgreSQL, and by one on SQLite."""

import csv
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.environment import Environment
from tests.live.fault_proxy import FaultProxy
from tests.live.realtime import memory, working
from tests.live.server import CLIENT, Server, until
from tests.services import POSTGRESQL
from tests.support import generate

ROWS = int(os.environ.get("FASTGEN_EXPORTED_ROWS", "200000"))
GROWTH = 20_000_000
"""Bytes, whatever the number of rows: all processes of the service together."""
FILL = """
INSERT INTO items (name, description, price, status, version, created_at, updated_at)
SELECT 'lamp ' || n, 'It gives light.', 12.50, 'draft', 1, {now}, {now} FROM {numbers}
"""
ON_POSTGRESQL = {
    "now": "now()",
    "numbers": f"generate_series(1, {ROWS}) AS numbers (n)",
}
ON_SQLITE = {
    "now": "'2031-02-03 00:00:00.000000'",
    "numbers": f"""(WITH RECURSIVE numbers (n) AS
        (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS}) SELECT n FROM numbers)""",
}
# As few connections as there can be: an export that kept one would keep all others waiting.
SETTINGS = {
    "WORKERS": "2",
    "DATABASE_POOL_SIZE": "1",
    "DATABASE_MAX_OVERFLOW": "0",
    "DATABASE_POOL_TIMEOUT_SECONDS": "30",
}
CSV = "/api/v1/items/export.csv"


@dataclass(frozen=True)
class Setting:
    """A service, and its database."""

    server: Server
    environment: Environment
    database: str
    proxy: FaultProxy

    def run(self, statement: str) -> list[list[object]]:
        """Ask the database itself, beside the proxy."""
        rows: list[list[object]] = POSTGRESQL.run(self.environment, statement, self.database)
        return rows

    def states(self) -> set[object]:
        """What the connections of the service are doing."""
        activity = """SELECT state FROM pg_stat_activity
            WHERE datname = current_database() AND pid != pg_backend_pid()"""
        return {state for (state,) in self.run(activity)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("exports"), patterns=("database", "streaming"))


@pytest.fixture(scope="module")
def setting(project: Path, environment: Environment) -> Iterator[Setting]:
    there = urlsplit(POSTGRESQL.url)
    with (
        POSTGRESQL.database(environment) as database,
        FaultProxy(there.hostname or "127.0.0.1", there.port or 5432).running() as proxy,
    ):
        user = there.netloc.rpartition("@")[0]
        url = {"DATABASE_URL": f"postgresql://{user}@127.0.0.1:{proxy.port}/{database}"}
        environment.migrate(project, url)
        POSTGRESQL.run(environment, FILL.format(**ON_POSTGRESQL), database)
        with working(project, environment, {**SETTINGS, **url}, count=1) as workers:
            yield Setting(workers.servers[0], environment, database, proxy)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_it_takes_no_memory_however_long_it_is(setting: Setting, suffix: str) -> None:
    lines, growth = lines_and_growth(setting.server, suffix)

    assert lines == ROWS + (suffix == "csv")
    assert growth < GROWTH
    assert setting.states() <= {"idle"}


def test_nor_does_it_on_sqlite(project: Path, environment: Environment) -> None:
    file = project / "own.db"
    url = {"DATABASE_URL": f"sqlite:///{file}"}
    environment.migrate(project, url)
    with sqlite3.connect(file) as connection:
        connection.execute(FILL.format(**ON_SQLITE))
    with working(project, environment, url, count=1) as workers:
        lines, growth = lines_and_growth(workers.servers[0], "csv")

    assert lines == ROWS + 1
    assert growth < GROWTH


def lines_and_growth(server: Server, suffix: str) -> tuple[int, int]:
    """How many lines an export has, and how much memory it took while it went out."""
    until(lambda: CLIENT.get(f"{server.url}/ready").status_code == 200)
    url = f"{server.url}/api/v1/items/export.{suffix}"
    for _ in range(8):  # what a worker keeps from its first requests on does not count
        assert CLIENT.get(f"{server.url}/api/v1/items?size=100", timeout=60).status_code == 200
    before, peak, lines = memory(server), 0, 0
    with CLIENT.stream("GET", url, timeout=600, headers={"Accept-Encoding": ""}) as response:
        for number, chunk in enumerate(response.iter_bytes()):
            lines += chunk.count(b"\n")
            if number % 10 == 0:
                peak = max(peak, memory(server))
    return lines, max(peak, memory(server)) - before


def begin(server: Server, buffer: int | None = None) -> socket.socket:
    """The connection of an export that has begun: a part of its headers is read, and no more."""
    reader = socket.socket()
    if buffer is not None:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    reader.connect(("127.0.0.1", server.port))
    reader.sendall(f"GET {CSV} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = reader.recv(100)
    assert head.startswith(b"HTTP/1.1 200"), head
    return reader


def test_slow_readers_hold_nothing_that_others_need(setting: Setting) -> None:
    """No connection, no transaction, no memory, and not the worker."""
    before = memory(setting.server)
    with ExitStack() as stack:
        readers = [stack.enter_context(begin(setting.server, buffer=4096)) for _ in range(20)]
        for _ in range(5):
            for reader in readers:
                reader.recv(1000)
            assert get_items(setting.server) == 200
        until(lambda: setting.states() <= {"idle"})
        assert memory(setting.server) - before < GROWTH


def test_quick_readers_leave_room_for_others(setting: Setting) -> None:
    """Each batch has to wait for its turn: there is one connection in each worker."""
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            with CLIENT.stream("GET", f"{setting.server.url}{CSV}", timeout=120) as response:
                for _ in response.iter_bytes():
                    if is_over.is_set():
                        return

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read) for _ in range(6)]
        try:
            statuses = [get_items(setting.server) for _ in range(30)]
        finally:
            is_over.set()
        assert [reader.exception() for reader in readers] == [None] * 6

    assert statuses == [200] * 30


def get_items(server: Server) -> int:
    """The status of a page of items."""
    return CLIENT.get(f"{server.url}/api/v1/items?size=1", timeout=60).status_code


def test_a_slow_reader_gets_all_of_it(setting: Setting) -> None:
    """What is added behind it meanwhile too, and each row once."""
    with begin(setting.server) as reader:
        data = bytearray()
        while len(data) < 500_000:
            data += reader.recv(1000)
        new = CLIENT.post(
            f"{setting.server.url}/api/v1/items", json={"name": "new", "price": "1"}, timeout=60
        )
        assert new.status_code == 201
        while not data.endswith(b"\r\n0\r\n\r\n"):
            data += reader.recv(65_536)
    setting.run("DELETE FROM items WHERE name = 'new'")

    assert data.count(b",It gives light.,") == ROWS
    assert data.count(b",new,") == 1


def test_formulas_are_only_text(setting: Setting) -> None:
    formula = "=cmd|'/C calc'!A0"
    setting.run(f"UPDATE items SET name = $${formula}$$ WHERE id = 1")

    with CLIENT.stream("GET", f"{setting.server.url}{CSV}", timeout=600) as response:
        rows = csv.DictReader(response.iter_lines())
        assert next(row["name"] for row in rows if row["id"] == "1") == f"'{formula}"


@contextmanager
def a_row_that_cannot_be_written(setting: Setting) -> Iterator[None]:
    setting.run(f"UPDATE items SET price = 'NaN' WHERE id = {ROWS // 2}")
    try:
        yield
    finally:
        setting.run(f"UPDATE items SET price = 1 WHERE id = {ROWS // 2}")


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_an_export_that_breaks_does_not_look_whole(setting: Setting) -> None:
    with a_row_that_cannot_be_written(setting):
        done = subprocess.run(
            ["curl", "--silent", "--show-error", f"{setting.server.url}{CSV}"],
            capture_output=True,
            timeout=120,
            check=False,
        )

    assert done.returncode == 18, done.stderr  # a transfer that is not complete
    assert 0 < done.stdout.count(b"\n") < ROWS // 2
    assert CLIENT.get(f"{setting.server.url}{CSV}", timeout=600).status_code == 200


def test_a_database_that_goes_away_midway_is_no_good_end_either(setting: Setting) -> None:
    url = f"{setting.server.url}{CSV}"
    with ThreadPoolExecutor() as pool, CLIENT.stream("GET", url, timeout=120) as response:
        chunks = response.iter_bytes()
        next(chunks)
        pool.submit(setting.proxy.refuse).result()
        with pytest.raises(httpx2.RemoteProtocolError):
            for _ in chunks:
                pass

    setting.proxy.accept()
    until(lambda: CLIENT.get(f"{setting.server.url}/ready", timeout=60).status_code == 200)
    assert setting.states() <= {"idle"}
