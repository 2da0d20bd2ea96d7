"""Servers that some tests need: without one they are skipped, or fail where it has to be there."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.environment import Environment

# The drivers are in the environment of generated projects, and nowhere else. One process does all,
# since the imports take longer than most of it.
PROGRAM = """
import asyncio, json, sys

async def on_sql(url, statement):
    from sqlalchemy import make_url, text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(make_url(url), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            result = await connection.execute(text(statement))
            return [list(row) for row in result] if result.returns_rows else []
    finally:
        await engine.dispose()

def on_redis(url, pattern, *command):
    from redis import Redis

    with Redis.from_url(url, socket_connect_timeout=2) as redis:
        redis.ping()
        keys = list(redis.scan_iter(pattern, count=1000)) if pattern else []
        for key in keys:
            redis.delete(key)
            if command:
                redis.execute_command(command[0], key, "rubbish")
        return len(keys)

def take_redis_database(url):
    # A numbered database that is empty; whoever sets the key has it.
    from redis import Redis

    for number in range(1, 15):
        with Redis.from_url(url, db=number, socket_connect_timeout=2) as redis:
            if not redis.dbsize() and redis.set("taken", 1, nx=True):
                return number

actions = {
    "sql": lambda *arguments: asyncio.run(on_sql(*arguments)),
    "redis": on_redis,
    "take redis database": take_redis_database,
}
for line in sys.stdin:
    action, *arguments = json.loads(line)
    try:
        answer = {"result": actions[action](*arguments)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
"""


def missing(reason: str) -> None:
    """Skip the test, or fail where servers have to be there."""
    if os.environ.get("FASTGEN_REQUIRE_SERVICES") == "1":
        raise ConnectionError(reason)
    pytest.skip(reason)


@cache
def _process(environment: Environment) -> subprocess.Popen[str]:
    """Does what it reads, until its input ends with these tests."""
    return subprocess.Popen(
        [environment.python, "-c", PROGRAM],
        env=environment.variables(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _do(environment: Environment, action: str, *arguments: str) -> Any:
    """The result of an action of `PROGRAM`."""
    with _one_at_a_time:
        process = _process(environment)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([action, *arguments]) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
    if "error" in answer:
        raise ConnectionError(answer["error"])
    return answer["result"]


def run_sql(environment: Environment, url: str, statement: str) -> Any:
    """Run a statement in the database of a URL without a driver, as settings have it; its rows."""
    scheme, _, rest = url.partition("://")
    return _do(environment, "sql", f"{scheme}+{DRIVERS[scheme]}://{rest}", statement)


DRIVERS = {
    "mariadb": "aiomysql",
    "mysql": "aiomysql",
    "postgresql": "asyncpg",
    "sqlite": "aiosqlite",
}
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Service:
    """A database server; `url` ends where the name of a database belongs."""

    name: str
    url: str
    always_there: str
    """A database that every such server has."""

    def run(self, environment: Environment, statement: str, database: str = "") -> Any:
        """Run a statement in a database; its rows."""
        return run_sql(environment, self.url + (database or self.always_there), statement)

    @contextmanager
    def database(self, environment: Environment) -> Iterator[str]:
        """The name of a new database, which is dropped at the end of the block."""
        name = f"fastgen_{uuid4().hex[:12]}"
        try:
            self.run(environment, f"CREATE DATABASE {name}")
        except ConnectionError:
            missing(f"{self.name} does not answer at {self.url}")
        try:
            yield name
        finally:
            self.run(environment, f"DROP DATABASE {name}{self._for_good}")

    @property
    def _for_good(self) -> str:
        return " WITH (FORCE)" if self.name == "postgresql" else ""


POSTGRESQL = Service(
    "postgresql",
    os.environ.get("FASTGEN_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/"),
    "postgres",
)
MARIADB = Service(
    "mariadb",
    os.environ.get("FASTGEN_MARIADB_URL", "mariadb://root@127.0.0.1:3306/"),
    "mysql",
)
DATABASES = ("sqlite", "postgresql", "mariadb")
"""The kinds of databases that projects support."""


@contextmanager
def new_database(kind: str, environment: Environment, folder: Path) -> Iterator[str]:
    """The URL of an empty database of a kind, which is dropped at the end of the block.

    SQLite has it in a file of the folder.
    """
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'own.db'}"
        return
    service = {"postgresql": POSTGRESQL, "mariadb": MARIADB}[kind]
    with service.database(environment) as name:
        yield service.url + name


@dataclass(frozen=True)
class KeyValueService:
    """A Redis."""

    url: str

    @contextmanager
    def keys(self, environment: Environment) -> Iterator[str]:
        """How the keys may start that are used in the block; they are gone after it."""
        prefix = f"fastgen-{uuid4().hex[:12]}"
        try:
            _do(environment, "redis", self.url, "")
        except ConnectionError:
            self._give_up()
        try:
            yield prefix
        finally:
            self.clear(environment, prefix)

    def clear(self, environment: Environment, prefix: str) -> int:
        """Delete all keys that start this way; how many there were."""
        return self._change(environment, prefix)

    @contextmanager
    def database(self, environment: Environment) -> Iterator[str]:
        """The number of an empty database, which is emptied again at the end of the block."""
        own = self.url.rpartition("/")[0]
        try:
            number = _do(environment, "take redis database", own)
        except ConnectionError:
            number = None
        if number is None:
            self._give_up()
        try:
            yield str(number)
        finally:
            _do(environment, "redis", f"{own}/{number}", "*")

    def _give_up(self) -> None:
        missing(f"Redis does not answer at {self.url}")

    def spoil(self, environment: Environment, prefix: str, command: str) -> int:
        """Put rubbish in every key, by SET or RPUSH; how many there are."""
        return self._change(environment, prefix, command)

    def _change(self, environment: Environment, prefix: str, *command: str) -> int:
        return int(_do(environment, "redis", self.url, f"{prefix}:*", *command))


REDIS = KeyValueService(os.environ.get("FASTGEN_REDIS_URL", "redis://127.0.0.1:6379/0"))


@dataclass(frozen=True)
class MessageService:
    """A RabbitMQ on this machine, which `rabbitmqctl` administers."""

    url: str

    @contextmanager
    def virtual_host(self) -> Iterator[str]:
        """The name of a new virtual host, which is deleted at the end of the block."""
        name = f"fastgen-{uuid4().hex[:12]}"
        user = urlsplit(self.url).username or "guest"
        if not (
            self._administer("add_vhost", name)
            and self._administer("set_permissions", "--vhost", name, user, ".*", ".*", ".*")
        ):
            missing(f"RabbitMQ does not answer to rabbitmqctl, for {self.url}")
        try:
            yield name
        finally:
            self._administer("delete_vhost", name)

    def _administer(self, *command: str) -> bool:
        if (program := shutil.which("rabbitmqctl")) is None:
            return False
        prefix = ["sudo", "--non-interactive"] if os.geteuid() else []
        done = subprocess.run([*prefix, program, *command], capture_output=True, check=False)
        return done.returncode == 0


RABBITMQ = MessageService(
    os.environ.get("FASTGEN_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672")
)
