"""What `fastgen add` costs, and 200 routers in one project: `python -m benchmarks.additions`."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import growth, starts
from benchmarks.compared_apps import more_resources
from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.processes import Command, Cost, run
from benchmarks.rounds import Spread, interleaved, ratio
from benchmarks.tables import publish
from fastgen.project.operations import EXAMPLES
from tests.environment import prepare
from tests.support import ROOT, generate

ROUNDS = 11
MANY = 200
PYTHON = Path(sys.executable)
FASTGEN = PYTHON.with_name("fastgen")
HEADER = ["process", "wall, ms", "CPU, ms", "wall / Python alone"]

ALONE = "`python -c pass`"
FIELDS = ["--field", "customer:str:max=80", "--field", "total:decimal:min=0"]
ROUTER: Command = [FASTGEN, "add", "router", "orders", *FIELDS, "--dry-run", "--json"]
MIDDLEWARE: Command = [FASTGEN, "add", "middleware", "rate-limit", "--dry-run", "--json"]
"""A plan is all but writing a dozen files, and can be made again."""


def main() -> None:
    with TemporaryDirectory() as name:
        few = generate(Path(name), name="few", patterns=("database",))
        many = generate(
            Path(name),
            name="many",
            patterns=("database",),
            operations=[*EXAMPLES, *more_resources(MANY)],
        )
        costs = interleaved(
            {
                ALONE: lambda: run([PYTHON, "-c", "pass"], ROOT),
                f"{ALONE}, again: noise": lambda: run([PYTHON, "-c", "pass"], ROOT),
                "`add router`": lambda: run(ROUTER, few),
                f"`add router` beside {MANY} others": lambda: run(ROUTER, many),
                "`add middleware`": lambda: run(MIDDLEWARE, few),
            },
            ROUNDS,
        )
        publish("additions", f"{description(PYTHON, ['jinja2', 'typer'])}.", HEADER, rows(costs))
        if "--quick" not in sys.argv:
            _serve_many(Path(name))


def _serve_many(folder: Path) -> None:
    """How a service with that many routers starts and answers; its rows are in memory."""
    few = generate(folder, name="small")
    many = generate(folder, name="large", operations=[*EXAMPLES, *more_resources(MANY)])
    environment = prepare(few)
    about = f"{description(environment.python, ['fastapi', 'starlette', 'uvicorn'])}."
    pin(os.getpid(), CLIENT_CORE)
    found = growth.measure(few, many, MANY, environment)
    publish("two hundred", about, growth.HEADER, found)
    publish(
        "two hundred starts", about, starts.HEADER, starts.measure(few, many, MANY, environment)
    )


def rows(costs: Mapping[str, Sequence[Cost]]) -> list[list[str]]:
    """The rows of a table: each process beside Python alone."""
    walls = {name: [cost.wall for cost in found] for name, found in costs.items()}
    return [
        [
            name,
            f"{Spread.of([1000 * cost.wall for cost in found]):.0f}",
            f"{Spread.of([1000 * cost.cpu for cost in found]):.0f}",
            f"{ratio(walls[name], walls[ALONE]):.1f}",
        ]
        for name, found in costs.items()
    ]


if __name__ == "__main__":
    main()
