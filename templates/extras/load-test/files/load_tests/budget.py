"""The budget of each route, and what breaks it."""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

EMPTY = "GET /health"
"""The route that others are compared with: it costs what every request costs."""


@dataclass(frozen=True, kw_only=True)
class RouteBudget:
    name: str
    p95_ms: float
    p95_ratio: float
    """Times the 95th percentile of the empty route in the same run."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    users: int
    seconds: int
    max_failures: float
    """The part of the requests of a route that may fail."""
    routes: tuple[RouteBudget, ...]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    requests: int
    failures: int
    p95_ms: float


def read_budget(path: Path) -> Budget:
    table = tomllib.loads(path.read_text("utf-8"))
    routes = tuple(RouteBudget(**row) for row in table.pop("routes"))
    return Budget(**table, routes=routes)


def read_measurements(path: Path) -> dict[str, Measurement]:
    """Statistics of Locust, by method and route."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            f"{row['Type']} {row['Name']}": Measurement(
                requests=int(row["Request Count"]),
                failures=int(row["Failure Count"]),
                p95_ms=float(row["95%"]),
            )
            for row in csv.DictReader(file)
            if row["Type"] and int(row["Request Count"])
        }


def faults(budget: Budget, found: Mapping[str, Measurement]) -> list[str]:
    """A sentence for each limit that is exceeded."""
    return [
        f"{route.name}: {fault}"
        for route in budget.routes
        for fault in _faults(budget, route, found.get(route.name), found.get(EMPTY))
    ]


def _faults(
    budget: Budget, route: RouteBudget, measured: Measurement | None, empty: Measurement | None
) -> Iterator[str]:
    if measured is None or empty is None:
        yield "there was no request."
        return
    if (failures := measured.failures / measured.requests) > budget.max_failures:
        yield f"{failures:.1%} of the requests failed; the limit is {budget.max_failures:.1%}."
    if measured.p95_ms > route.p95_ms:
        yield f"95 % take up to {measured.p95_ms:.0f} ms; the limit is {route.p95_ms:.0f} ms."
    # Locust rounds to milliseconds.
    if (ratio := measured.p95_ms / max(empty.p95_ms, 1)) > route.p95_ratio:
        yield f"it takes {ratio:.1f} times as long as {EMPTY}; the limit is {route.p95_ratio}."
