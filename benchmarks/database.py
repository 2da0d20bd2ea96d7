"""The layers on PostgreSQL, and pages far back: `python -m benchmarks.database`.

It makes a database of its own on 127.0.0.1:5432, and drops it at the end.
"""

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.compared_apps import create, generated
from benchmarks.load import Request, ask
from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.rounds import interleaved, ratio
from benchmarks.servers import Application, Load, Server, serve
from benchmarks.tables import publish
from tests.environment import Environment, prepare
from tests.services import POSTGRESQL
from tests.support import ROOT, generate

ROUNDS = 15
SECONDS = 0.5
ROWS = 200_000
FAR = 100_000
"""How many rows are before the page that is asked for."""
FILL = f"""
    INSERT INTO items (name, description, price, status, created_at, updated_at, version)
    SELECT 'Lamp ' || n, 'It gives light.', 12.50, 'active', moment, moment, 1
    FROM generate_series(1, {ROWS}) AS n,
        LATERAL (SELECT timestamptz '2030-01-01' + n * interval '1 s') AS t(moment)
"""
DISTRIBUTIONS = ["fastapi", "sqlalchemy", "asyncpg", "uvicorn", "uvloop"]
REQUESTS = {
    "a row by id": Request("GET", "/api/v1/items/7"),
    "a page of 20": Request("GET", "/api/v1/items?size=20"),
    "an insert": create(),
    "a patch": Request("PATCH", "/api/v1/items/7", 200, b'{"price": "13.50"}'),
}
ORM, CORE, AGAIN = "by hand, ORM", "by hand, Core", "by hand, ORM, again: noise"
OTHERS = {
    ORM: "benchmarks.bare_orm:by_hand",
    AGAIN: "benchmarks.bare_orm:by_hand",
    CORE: "benchmarks.bare_database:app",
    "session dependency of tutorials": "benchmarks.bare_orm:tutorial",
}
NOT_THERE = ("a patch", CORE)


def main() -> None:
    with TemporaryDirectory() as name:
        project = generate(Path(name), patterns=("database",))
        environment = prepare(project)
        about = f"{description(environment.python, DISTRIBUTIONS)}, PostgreSQL on the same machine."
        pin(os.getpid(), CLIENT_CORE)
        with POSTGRESQL.database(environment) as database:
            variables = {"DATABASE_URL": f"{POSTGRESQL.url}{database}"}
            migrated = environment.run("alembic", "upgrade", "head", cwd=project, env=variables)
            if migrated.code:
                raise RuntimeError(migrated.err)
            applications = _applications(project, variables)
            with serve(applications["generated"], environment) as server:
                ask(server.port, create(), 1)
            _write("layers", about, _layers(applications, environment))
            with serve(applications["generated"], environment) as server:
                POSTGRESQL.run(environment, FILL, database)
                POSTGRESQL.run(environment, "VACUUM ANALYZE items", database)
                _write("depth", f"{ROWS:,} rows; {about}", _depth(server))


def _applications(project: Path, variables: Mapping[str, str]) -> dict[str, Application]:
    others = {
        name: Application(ROOT, target, ("--no-access-log",), variables)
        for name, target in OTHERS.items()
    }
    own = generated(project)
    full = Application(own.folder, own.target, own.options, {**own.variables, **variables})
    return {**others, "generated": full}


def _write(name: str, about: str, rows: list[list[str]]) -> None:
    headers = {
        "layers": ["what", "compared with", "generated / that", "the same by CPU"],
        "depth": ["page", "rate / the first page by cursor"],
    }
    publish(name, about, headers[name], rows)


def _layers(applications: Mapping[str, Application], environment: Environment) -> list[list[str]]:
    rows = []
    for what, request in REQUESTS.items():
        # Started anew, since their pools together would need more connections than there are.
        with ExitStack() as stack:
            asked = {
                name: (stack.enter_context(serve(application, environment)), request)
                for name, application in applications.items()
                if (what, name) != NOT_THERE
            }
            loads = _loads(asked)
        rates = {name: [load.rate for load in found] for name, found in loads.items()}
        costs = {name: [load.cost for load in found] for name, found in loads.items()}
        for name in OTHERS:
            if name in loads:
                one = ORM if name == AGAIN else name
                measured = AGAIN if name == AGAIN else "generated"
                rate = ratio(rates[measured], rates[one])
                cost = ratio(costs[one], costs[measured])
                rows.append([what, name, f"{rate:.2f}", f"{cost:.2f}"])
    return rows


def _depth(server: Server) -> list[list[str]]:
    first = "by cursor, the first"
    cursor = _cursor_after(server, FAR)
    loads = _loads(
        {
            first: (server, Request("GET", "/api/v1/items/cursor?size=20")),
            f"by cursor, behind {FAR:,} rows": (
                server,
                Request("GET", f"/api/v1/items/cursor?size=20&cursor={cursor}"),
            ),
            "by number, the first": (server, Request("GET", "/api/v1/items?size=20")),
            f"by number, behind {FAR:,} rows": (
                server,
                Request("GET", f"/api/v1/items?size=20&page={FAR // 20 + 1}"),
            ),
        }
    )
    rates = {name: [load.rate for load in found] for name, found in loads.items()}
    return [
        [name, f"{ratio(found, rates[first]):.2f}"]
        for name, found in rates.items()
        if name != first
    ]


def _cursor_after(server: Server, rows: int) -> str:
    """Walk: a cursor cannot be made from outside."""
    cursor = ""
    for _ in range(rows // 100):
        path = f"/api/v1/items/cursor?size=100{f'&cursor={cursor}' if cursor else ''}"
        answer = ask(server.port, Request("GET", path), connections=1)
        cursor = json.loads(answer.last)["next_cursor"]
    return cursor


def _loads(requests: Mapping[str, tuple[Server, Request]]) -> dict[str, list[Load]]:
    measurements = {
        name: partial(server.load, request, SECONDS) for name, (server, request) in requests.items()
    }
    return interleaved(measurements, ROUNDS)


if __name__ == "__main__":
    main()
