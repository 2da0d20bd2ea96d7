"""Tasks in and out of the queue, against the bare engines: `python -m benchmarks.queue`.

It uses databases, virtual hosts and numbered databases of its own, and drops them at the end. The
bare engines keep no records: they know no results, owners or keys of clients. "By hand" they insert
a row for each task, and update it twice. With `--engine NAME` the program measures one engine, and
with `--rounds N` it takes less or more time.
"""

import argparse
import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bare_queues import BARE, COMMON, DECORATORS, GENERATED, TASK
from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.rounds import interleaved, ratio
from benchmarks.tables import publish
from tests.environment import Environment, prepare
from tests.services import POSTGRESQL, RABBITMQ, REDIS
from tests.support import generate

ROUNDS = 5
DISTRIBUTIONS = ["procrastinate", "celery", "dramatiq"]
COMMON_DISTRIBUTIONS = ["asyncpg", "sqlalchemy"]
NOTES = "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, text text)"
WRITES = {"": "alone", "1": "with a write"}
PROGRAMS = {
    "bare": ("bare.py", ""),
    "again": ("bare.py", ""),
    "by hand": ("bare.py", "1"),
    "generated": ("generated.py", ""),
}
"""The file of each program, and whether a bare engine keeps records."""


@dataclass(frozen=True)
class Case:
    """An engine, on one of the brokers that it works on."""

    engine: str
    broker: str = ""

    def __str__(self) -> str:
        return f"{self.engine}, {self.broker}" if self.broker else self.engine


CASES = [
    Case("procrastinate"),
    *(
        Case(engine, broker)
        for engine in ("celery", "dramatiq")
        for broker in ("rabbitmq", "redis")
    ),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=DISTRIBUTIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    pin(os.getpid(), CLIENT_CORE)
    rows, versions = [], []
    with TemporaryDirectory() as name:
        for case in CASES:
            if options.engine in (None, case.engine):
                folder = Path(name) / case.engine / (case.broker or "database")
                project = _project(case, folder)
                environment = prepare(project)
                versions.append(description(environment.python, [case.engine]))
                rows.extend(_measure(case, project, environment, options.rounds))
        about = description(environment.python, COMMON_DISTRIBUTIONS)
    engines = dict.fromkeys(version.rpartition(", ")[2] for version in versions)
    header = [
        "engine",
        "what",
        "rate / bare engine",
        "rate / bare engine with rows by hand",
        "noise: bare / bare",
    ]
    publish(
        "queue", f"{about}, {', '.join(engines)}; all servers on the same machine.", header, rows
    )


def _project(case: Case, folder: Path) -> Path:
    project = generate(folder, patterns=("queue",), queue=case.engine)
    for path, program in {
        "counting.py": COMMON,
        "bare.py": BARE[case.engine],
        "generated.py": GENERATED,
        "app/tasks/work.py": TASK.replace("DECORATOR", DECORATORS[case.engine]),
    }.items():
        (project / path).write_text(program)
    return project


def _measure(case: Case, project: Path, environment: Environment, rounds: int) -> list[list[str]]:
    """The rows of one engine: enqueued and run, alone and beside a write."""
    with ExitStack() as stack:
        database = stack.enter_context(POSTGRESQL.database(environment))
        variables = {
            "DATABASE_URL": POSTGRESQL.url + database,
            "LOG_LEVEL": "WARNING",
            "SECRET_KEY": "only-for-benchmarks-0123456789-abcdefgh",
        }
        if case.broker == "redis":
            own = stack.enter_context(REDIS.database(environment))
            variables["TASK_BROKER_URL"] = f"{REDIS.url.rpartition('/')[0]}/{own}"
        elif case.broker == "rabbitmq":
            host = stack.enter_context(RABBITMQ.virtual_host())
            variables["TASK_BROKER_URL"] = f"{RABBITMQ.url}/{host}"
        environment.migrate(project, variables)
        POSTGRESQL.run(environment, NOTES, database)
        found = interleaved(
            {
                f"{name}{write}": partial(
                    _rates,
                    project,
                    environment,
                    program,
                    {**variables, "WRITE": write, "RECORDS": records},
                )
                for name, (program, records) in PROGRAMS.items()
                for write in WRITES
            },
            rounds,
        )
    rows = []
    for number, what in enumerate(("enqueued", "run")):
        for write, beside in WRITES.items():
            bare, again, by_hand, generated = (
                [each[number] for each in found[f"{name}{write}"]] for name in PROGRAMS
            )
            ratios = (ratio(generated, bare), ratio(generated, by_hand), ratio(again, bare))
            rows.append([str(case), f"tasks {what}, {beside}", *(f"{each:.2f}" for each in ratios)])
    return rows


def _rates(
    project: Path, environment: Environment, program: str, variables: Mapping[str, str]
) -> tuple[float, float]:
    """Tasks in a second: in, and out."""
    result = environment.run("python", program, cwd=project, env=variables)
    if result.code:
        raise RuntimeError(result.err)
    into, out = json.loads(result.out.splitlines()[-1])
    return into, out


if __name__ == "__main__":
    main()
