"""Events to many, and exports of many rows: `python -m benchmarks.streaming`.

It makes a database of its own on 127.0.0.1:5432, and drops it at the end.
"""

import asyncio
import http.client
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.compared_apps import generated
from benchmarks.crowd import listening
from benchmarks.load import Request
from benchmarks.machine import CLIENT_CORE, cpu_seconds, description, pin
from benchmarks.rounds import Spread, interleaved, ratio
from benchmarks.servers import Application, Server, serve
from benchmarks.tables import publish
from tests.environment import Environment, prepare
from tests.services import POSTGRESQL
from tests.support import ROOT, generate

ROUNDS = 5
REPEATS = 5
CLIENTS = 200
DISTRIBUTIONS = ["fastapi", "starlette", "sqlalchemy", "asyncpg", "uvicorn", "uvloop"]
ROWS = 200_000
MANY_ROWS = 1_000_000
FILL = """
    INSERT INTO items (name, description, price, status, created_at, updated_at, version)
    SELECT 'Lamp ' || n, 'It gives light.', 12.50, 'active', moment, moment, 1
    FROM generate_series(1, {rows}) AS n,
        LATERAL (SELECT timestamptz '2030-01-01' + n * interval '1 s') AS t(moment)
"""
# What publishes many events with one request, so that requests are not what is measured.
SOURCE = """
import asyncio

from fastapi import Request

from app.core.routing import flatten_routes
from app.main import create_app

app = create_app()


@app.post("/burst/{count}")
async def burst(count: int, request: Request) -> None:
    for number in range(count):
        await request.state["topics"].publish("news", "tick", {"text": f"tock {number}"})
        await asyncio.sleep(0)


flatten_routes(app)
"""


@dataclass(frozen=True)
class Cost:
    """In seconds: until all had heard, and of the server's core."""

    wall: float
    cpu: float


def main() -> None:
    with TemporaryDirectory() as name:
        project = generate(Path(name), patterns=("database", "streaming"))
        (project / "source.py").write_text(SOURCE)
        environment = prepare(project)
        about = description(environment.python, DISTRIBUTIONS)
        pin(os.getpid(), CLIENT_CORE)
        _write("events", about, _events(project, environment))
        with POSTGRESQL.database(environment) as database:
            variables = {"DATABASE_URL": f"{POSTGRESQL.url}{database}"}
            environment.migrate(project, variables)
            where = f"{about}, PostgreSQL on the same machine."
            _write("exports", where, _exports(project, environment, variables, database))


def _write(name: str, about: str, rows: list[list[str]]) -> None:
    headers = {
        "events": [f"to {CLIENTS} clients", "rate / FastAPI's own", "the same by CPU"],
        "exports": ["export", "rows a second / by hand", "growth of memory, MiB"],
    }
    publish(name, about, headers[name], rows)


def _application(project: Path, target: str, variables: Mapping[str, str]) -> Application:
    own = generated(project)
    return Application(project, target, own.options, {**own.variables, **variables})


def _events(project: Path, environment: Environment) -> list[list[str]]:
    bare = Application(ROOT, "benchmarks.bare_realtime:app", ("--no-access-log",))
    with (
        serve(bare, environment) as by_hand,
        serve(_application(project, "source:app", {}), environment) as server,
    ):
        followed = {
            "FastAPI's own": (by_hand, "/native"),
            "raw chunks by hand": (by_hand, "/raw"),
            "generated": (server, "/api/v1/events/news"),
            "FastAPI's own, again: noise": (by_hand, "/native"),
        }
        rows = []
        for what, count in {"one event": 1, "100 events": 100}.items():
            measurements = {
                name: partial(_broadcast, one, path, count)
                for name, (one, path) in followed.items()
            }
            found = interleaved(measurements, ROUNDS)
            own = found.pop("FastAPI's own")
            for name, costs in found.items():
                walls = ratio([each.wall for each in own], [each.wall for each in costs])
                cpus = ratio([each.cpu for each in own], [each.cpu for each in costs])
                rows.append([f"{what}, {name}", f"{walls:.2f}", f"{cpus:.2f}"])
    return rows


def _broadcast(server: Server, path: str, count: int) -> Cost:
    return asyncio.run(_cost(server, path, count))


async def _cost(server: Server, path: str, count: int) -> Cost:
    """Of `count` events to all, a few times."""
    get, post = Request("GET", path), Request("POST", f"/burst/{count}")
    async with listening(server.port, get.encode(), b'"tock ', CLIENTS) as ears:
        while not all(ear.heard for ear in ears):
            await _send(server.port, Request("POST", "/burst/1"))
            await asyncio.sleep(0.2)
        began, used = perf_counter(), cpu_seconds(server.process_id)
        for _ in range(REPEATS):
            heard = [asyncio.ensure_future(ear.hear(count)) for ear in ears]
            await asyncio.sleep(0)
            await _send(server.port, post)
            await asyncio.gather(*heard)
        return Cost(perf_counter() - began, cpu_seconds(server.process_id) - used)


async def _send(port: int, request: Request) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


def _exports(
    project: Path, environment: Environment, variables: Mapping[str, str], database: str
) -> list[list[str]]:
    bare = Application(ROOT, "benchmarks.bare_export:app", ("--no-access-log",), variables)
    with (
        serve(bare, environment) as by_hand,
        serve(_application(project, "app.main:app", variables), environment) as server,
    ):
        POSTGRESQL.run(environment, FILL.format(rows=ROWS), database)
        POSTGRESQL.run(environment, "VACUUM ANALYZE items", database)
        exports = {
            "by hand": (by_hand, "/export.csv"),
            "CSV": (server, "/api/v1/items/export.csv"),
            "JSON Lines": (server, "/api/v1/items/export.jsonl"),
            "by hand, again: noise": (by_hand, "/export.csv"),
        }
        found = interleaved(
            {name: partial(_export, one, path) for name, (one, path) in exports.items()}, ROUNDS
        )
        rates = {name: [each.rate for each in all_of] for name, all_of in found.items()}
        rows = [
            [
                f"{name}, {ROWS:,} rows",
                f"{ratio(rates[name], rates['by hand']):.2f}",
                f"{Spread.of([each.growth / 2**20 for each in found[name]]):.1f}",
            ]
            for name in exports
        ]
        POSTGRESQL.run(environment, FILL.format(rows=MANY_ROWS - ROWS), database)
    # Anew: what an export before it has left in memory would hide what this one needs.
    with serve(_application(project, "app.main:app", variables), environment) as server:
        many = _export(server, "/api/v1/items/export.csv")
        rows.append([f"CSV, {MANY_ROWS:,} rows, once", "", f"{many.growth / 2**20:.1f}"])
    return rows


@dataclass(frozen=True)
class Export:
    rate: float
    """Rows a second."""
    growth: int
    """Bytes by which the server had more in memory at its peak than before."""


def _export(server: Server, path: str) -> Export:
    before = _forget_peak(server)
    began = perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", path)
    answer, lines = connection.getresponse(), 0
    while chunk := answer.read(1 << 20):
        lines += chunk.count(b"\n")
    seconds = perf_counter() - began
    connection.close()
    return Export(lines / seconds, _memory(server, "VmHWM") - before)


def _forget_peak(server: Server) -> int:
    """Let the kernel measure the peak anew; what is in memory now."""
    Path(f"/proc/{server.process_id}/clear_refs").write_text("5")
    return _memory(server, "VmRSS")


def _memory(server: Server, what: str) -> int:
    status = Path(f"/proc/{server.process_id}/status").read_text()
    return int(status.partition(f"{what}:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()
