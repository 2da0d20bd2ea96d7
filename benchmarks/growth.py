"""What further resources cost the requests of the first one, and their own."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.compared_apps import check_same, fill, generated
from benchmarks.load import Request
from benchmarks.rounds import interleaved, ratio
from benchmarks.servers import Load, Server, serve
from tests.environment import Environment

ROUNDS = 21
SECONDS = 0.5
HEADER = ["`GET` of a row", "rate / without the others", "the same by CPU"]

ALONE = "the first resource, without the others"


def measure(few: Path, many: Path, number: int, environment: Environment) -> list[list[str]]:
    """A row a resource, for the table; `many` has `number` resources more than `few`."""
    last = f"goods-{number}"
    with (
        serve(generated(few), environment) as small,
        serve(generated(many), environment) as large,
    ):
        fill(small)
        fill(large)
        fill(large, last)
        check_same(_row_of("items"), small, large)
        loads = interleaved(
            {
                ALONE: _reading(small, "items"),
                f"{ALONE}, again: noise": _reading(small, "items"),
                f"the first of {number + 1}": _reading(large, "items"),
                f"the last of {number + 1}": _reading(large, last),
            },
            ROUNDS,
        )
    rates = {name: [load.rate for load in found] for name, found in loads.items()}
    costs = {name: [load.cost for load in found] for name, found in loads.items()}
    return [
        [name, f"{ratio(rates[name], rates[ALONE]):.2f}", f"{ratio(costs[ALONE], costs[name]):.2f}"]
        for name in loads
        if name != ALONE
    ]


def _row_of(resource: str) -> Request:
    return Request("GET", f"/api/v1/{resource}/1")


def _reading(server: Server, resource: str) -> Callable[[], Load]:
    return partial(server.load, _row_of(resource), SECONDS)
