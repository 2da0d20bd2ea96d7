"""The rates of routes, against a bare application that gives the same answers."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.compared_apps import (
    BARE,
    BARE_WITH_LOG,
    ROWS,
    check_same,
    create,
    fill,
    generated,
)
from benchmarks.load import Request
from benchmarks.rounds import Spread, interleaved, ratio
from benchmarks.servers import Load, serve
from tests.environment import Environment

ROUNDS = 15
SECONDS = 0.5
HEADER = [
    "route",
    "with access log / bare without",
    "the same by CPU",
    "both with",
    "both without",
    "noise: bare / bare",
    "server busy",
]
READS = [
    Request("GET", "/health"),
    Request("GET", "/api/v1/items/1"),
    Request("GET", f"/api/v1/items?size={ROWS}"),
]


def measure(project: Path, environment: Environment) -> list[list[str]]:
    """A row a route, for the table."""
    applications = {
        "bare": BARE,
        "bare again": BARE,
        "bare, log": BARE_WITH_LOG,
        "generated": generated(project, access_log=False),
        "generated, log": generated(project),
    }
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(serve(application, environment))
            for name, application in applications.items()
        }
        for server in servers.values():
            fill(server)
        for request in READS:
            check_same(request, *servers.values())
        rows = []
        for request in [*READS, create()]:  # the last one adds rows
            loads = interleaved(
                {name: partial(server.load, request, SECONDS) for name, server in servers.items()},
                ROUNDS,
            )
            rows.append(_row(request, loads))
    return rows


def _row(request: Request, loads: dict[str, list[Load]]) -> list[str]:
    rates = {name: [load.rate for load in found] for name, found in loads.items()}
    costs = {name: [load.cost for load in found] for name, found in loads.items()}
    busy = Spread.of([load.busy for found in loads.values() for load in found])
    return [
        f"`{request.method} {request.path}`",
        f"{ratio(rates['generated, log'], rates['bare']):.2f}",
        f"{ratio(costs['bare'], costs['generated, log']):.2f}",
        f"{ratio(rates['generated, log'], rates['bare, log']):.2f}",
        f"{ratio(rates['generated'], rates['bare']):.2f}",
        f"{ratio(rates['bare again'], rates['bare']):.2f}",
        f"{busy:.2f}",
    ]
