"""What is kept, against what is loaded, on PostgreSQL: `python -m benchmarks.cache`.

It makes a database of its own on 127.0.0.1:5432 and keys of its own on 127.0.0.1:6379, and removes
them at the end.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.compared_apps import ROWS, create, generated
from benchmarks.load import Request, ask
from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.rounds import interleaved, ratio
from benchmarks.servers import Application, Load, Server, serve
from benchmarks.tables import publish
from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment, prepare
from tests.services import POSTGRESQL, REDIS
from tests.support import generate

ROUNDS = 15
SECONDS = 0.5
CROWD = 200
DISTRIBUTIONS = ["fastapi", "sqlalchemy", "asyncpg", "redis", "hiredis", "uvicorn", "uvloop"]
PAGE = Request("GET", "/api/v1/items?size=20")
ROW = Request("GET", "/api/v1/items/7")
LIMITS = '{"/": "1000000000/day"}'
# The source says how often it was asked.
SOURCE = """
import asyncio

from fastapi import Request

from app.cache.routes import cached
from app.core.routing import flatten_routes
from app.main import create_app

app = create_app()
loads = 0


@app.get("/source/{key}")
@cached()
async def load(request: Request, key: str) -> int:
    global loads
    loads += 1
    await asyncio.sleep(0.2)
    return 1


@app.get("/loads")
async def count() -> int:
    return loads


flatten_routes(app)
"""


def main() -> None:
    with TemporaryDirectory() as name:
        project = generate(
            Path(name),
            patterns=("database", "cache"),
            operations=[*EXAMPLES, Operation("middleware", "rate-limit")],
        )
        (project / "source.py").write_text(SOURCE)
        environment = prepare(project)
        about = (
            f"{description(environment.python, DISTRIBUTIONS)}, "
            "PostgreSQL and Redis on the same machine."
        )
        pin(os.getpid(), CLIENT_CORE)
        with POSTGRESQL.database(environment) as database, REDIS.keys(environment) as prefix:
            variables = {"DATABASE_URL": f"{POSTGRESQL.url}{database}"}
            environment.migrate(project, variables)
            redis = {"REDIS_URL": REDIS.url, "REDIS_PREFIX": prefix}
            _write("kept", about, _pages(project, environment, variables, redis))
            _write("crowds", about, _crowds(project, environment, {**variables, **redis}))


def _write(name: str, about: str, rows: list[list[str]]) -> None:
    headers = {
        "kept": ["what", "rate / the same without cache", "the same by CPU"],
        "crowds": [f"{CROWD} requests at once that miss", "loads"],
    }
    publish(name, about, headers[name], rows)


def _application(project: Path, *settings: Mapping[str, str]) -> Application:
    own = generated(project)
    variables = {**own.variables, "RATE_LIMITS": "{}"}
    for further in settings:
        variables.update(further)
    return Application(own.folder, own.target, own.options, variables)


def _pages(
    project: Path,
    environment: Environment,
    variables: Mapping[str, str],
    redis: Mapping[str, str],
) -> list[list[str]]:
    off = {"CACHE_ENABLED": "false"}
    with (
        serve(_application(project, variables, off), environment) as plain,
        serve(_application(project, variables, off), environment) as again,
        serve(_application(project, variables, redis), environment) as shared,
        serve(_application(project, variables), environment) as alone,
        serve(
            _application(project, variables, redis, off, {"RATE_LIMITS": LIMITS}), environment
        ) as limited,
    ):
        for _ in range(ROWS):
            ask(plain.port, create(), connections=1)
        return [
            *_compared("a page of 20", PAGE, plain, {"kept in Redis": shared, "in memory": alone}),
            *_compared("a row by id", ROW, plain, {"kept in Redis": shared, "in memory": alone}),
            *_compared("a page of 20", PAGE, plain, {"with a limit, in Redis": limited}),
            *_compared("a page of 20", PAGE, plain, {"again: noise": again}),
        ]


def _compared(
    what: str, request: Request, plain: Server, others: Mapping[str, Server]
) -> list[list[str]]:
    measurements = {"": partial(plain.load, request, SECONDS)}
    measurements |= {name: partial(one.load, request, SECONDS) for name, one in others.items()}
    found: dict[str, list[Load]] = interleaved(measurements, ROUNDS)
    rates = {name: [load.rate for load in loads] for name, loads in found.items()}
    costs = {name: [load.cost for load in loads] for name, loads in found.items()}
    return [
        [
            f"{what}, {name}",
            f"{ratio(rates[name], rates['']):.2f}",
            f"{ratio(costs[''], costs[name]):.2f}",
        ]
        for name in others
    ]


def _crowds(
    project: Path, environment: Environment, variables: Mapping[str, str]
) -> list[list[str]]:
    """One process, and two as two replicas of a service are: each has its own count."""
    application = _application(project, variables)
    source = Application(
        application.folder, "source:app", application.options, application.variables
    )
    off = Application(
        source.folder,
        source.target,
        source.options,
        {**source.variables, "CACHE_ENABLED": "false"},
    )
    with (
        serve(source, environment) as one,
        serve(source, environment) as two,
        serve(off, environment) as plain,
    ):
        return [
            ["without cache", str(_loads([plain], "plain"))],
            ["one process", str(_loads([one], "one"))],
            ["two processes", str(_loads([one, two], "two"))],
        ]


def _loads(servers: list[Server], key: str) -> int:
    """How often the source was asked, by a crowd that is spread over the servers."""
    before = _asked(servers)
    request = Request("GET", f"/source/{key}")
    with ThreadPoolExecutor(len(servers)) as pool:
        crowds = [
            pool.submit(ask, one.port, request, connections=CROWD // len(servers))
            for one in servers
        ]
        for crowd in crowds:
            crowd.result()
    return _asked(servers) - before


def _asked(servers: list[Server]) -> int:
    asked = Request("GET", "/loads")
    return sum(int(ask(server.port, asked, connections=1).last) for server in servers)


if __name__ == "__main__":
    main()
