"""A row by id behind a token, on PostgreSQL: `python -m benchmarks.signed_in`.

It makes a database of its own on 127.0.0.1:5432, and drops it at the end.
"""

import json
import os
import secrets
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from benchmarks.compared_apps import ITEM, check_same, generated
from benchmarks.load import Request, ask
from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.rounds import interleaved, ratio
from benchmarks.servers import Application, Server, serve
from benchmarks.tables import publish
from tests.environment import prepare
from tests.services import POSTGRESQL
from tests.support import ROOT, generate

ROUNDS = 15
SECONDS = 0.5
DISTRIBUTIONS = ["fastapi", "pyjwt", "sqlalchemy", "asyncpg", "uvicorn", "uvloop"]
EMAIL, PASSWORD = "ann@example.com", "a tall ship at dawn"
FORM = ("Content-Type: application/x-www-form-urlencoded",)


def main() -> None:
    with TemporaryDirectory() as name:
        project = generate(Path(name), patterns=("database", "auth"))
        environment = prepare(project)
        about = f"{description(environment.python, DISTRIBUTIONS)}, PostgreSQL on the same machine."
        pin(os.getpid(), CLIENT_CORE)
        with POSTGRESQL.database(environment) as database:
            variables = {
                "DATABASE_URL": f"{POSTGRESQL.url}{database}",
                "JWT_KEYS": json.dumps({"one": secrets.token_urlsafe(48)}),
                "JWT_ACTIVE_KID": "one",
            }
            migrated = environment.run("alembic", "upgrade", "head", cwd=project, env=variables)
            if migrated.code:
                raise RuntimeError(migrated.err)
            bare = Application(
                ROOT, "benchmarks.bare_signed_in:app", ("--no-access-log",), variables
            )
            own = generated(project)
            full = replace(own, variables={**own.variables, **variables})
            with (
                serve(full, environment) as server,
                serve(bare, environment) as by_hand,
                serve(bare, environment) as again,
            ):
                servers = {"by hand": by_hand, "by hand again": again, "generated": server}
                header = ["what", "generated / by hand", "the same by CPU", "noise"]
                publish("signed in", about, header, _measure(servers))


def _measure(servers: dict[str, Server]) -> list[list[str]]:
    request = Request("GET", "/api/v1/items/1", headers=(_sign_in(servers["generated"]),))
    check_same(request, *servers.values())
    measurements = {
        name: partial(server.load, request, SECONDS) for name, server in servers.items()
    }
    loads = interleaved(measurements, ROUNDS)
    rates = {name: [load.rate for load in found] for name, found in loads.items()}
    costs = {name: [load.cost for load in found] for name, found in loads.items()}
    return [
        [
            "a row by id behind a token",
            f"{ratio(rates['generated'], rates['by hand']):.2f}",
            f"{ratio(costs['by hand'], costs['generated']):.2f}",
            f"{ratio(rates['by hand again'], rates['by hand']):.2f}",
        ]
    ]


def _sign_in(server: Server) -> str:
    """Make a user with a row; the header that the user's requests have."""
    user = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
    ask(server.port, Request("POST", "/api/v1/auth/register", 201, user), connections=1)
    form = urlencode({"username": EMAIL, "password": PASSWORD}).encode()
    answer = ask(server.port, Request("POST", "/api/v1/auth/token", 200, form, FORM), connections=1)
    header = f"Authorization: Bearer {json.loads(answer.last)['access_token']}"
    row = Request("POST", "/api/v1/items", 201, json.dumps(ITEM).encode(), (header,))
    ask(server.port, row, connections=1)
    return header


if __name__ == "__main__":
    main()
