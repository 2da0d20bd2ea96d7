"""How much of bare FastAPI's speed a project keeps: `python -m benchmarks.project`."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import growth, routes, starts
from benchmarks.compared_apps import more_resources
from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.tables import publish
from fastgen.project.operations import EXAMPLES
from tests.environment import prepare
from tests.support import generate

FURTHER_RESOURCES = 40
DISTRIBUTIONS = ["fastapi", "starlette", "pydantic", "uvicorn", "uvloop", "httptools"]


def main() -> None:
    with TemporaryDirectory() as name:
        few = generate(Path(name), name="few")
        many = generate(
            Path(name),
            name="many",
            operations=[*EXAMPLES, *more_resources(FURTHER_RESOURCES)],
        )
        environment = prepare(few)
        about = f"{description(environment.python, DISTRIBUTIONS)}."
        pin(os.getpid(), CLIENT_CORE)
        publish("routes", about, routes.HEADER, routes.measure(few, environment))
        rows = growth.measure(few, many, FURTHER_RESOURCES, environment)
        publish("growth", about, growth.HEADER, rows)
        rows = starts.measure(few, many, FURTHER_RESOURCES, environment)
        publish("starts", about, starts.HEADER, rows)


if __name__ == "__main__":
    main()
