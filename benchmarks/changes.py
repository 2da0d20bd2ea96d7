"""What commands cost in the fullest project: `python -m benchmarks.changes`."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.additions import ALONE, FASTGEN, HEADER, PYTHON, rows
from benchmarks.machine import description
from benchmarks.processes import Command, Cost, run
from benchmarks.rounds import interleaved
from benchmarks.tables import publish
from fastgen import __version__
from fastgen.middleware.catalogue import known
from fastgen.project.extras import names as extras
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import names
from tests.made_versions import second_version
from tests.support import ROOT, generate

ROUNDS = 11
COMMANDS = (
    "add router orders --field total:decimal",
    "add field items note:text:optional",
    "add middleware audit",
    "add extra devcontainer",
    "remove router items --force",
    "remove field items description",
    "remove middleware timing",
    "remove extra metrics",
    "remove pattern streaming",
    "update",
)
"""Each as a plan, which is all but writing, and can be made again."""
READING = ("doctor", "list routers", "update --check")


def main() -> None:
    with TemporaryDirectory() as name:
        publish(
            "changes",
            f"{description(PYTHON, ['jinja2', 'typer'])}.",
            HEADER,
            rows(_measure(Path(name))),
        )


def _measure(folder: Path) -> Mapping[str, Sequence[Cost]]:
    added = [
        *(Operation("middleware", name) for name in known()),
        *(Operation("extra", name) for name in extras() if name != "devcontainer"),
    ]
    full = generate(folder, patterns=names(), operations=[*EXAMPLES, *added])
    few = generate(folder, name="few", operations=[*EXAMPLES, *added])
    later = second_version(folder)
    commands: dict[str, tuple[Command, Path]] = {ALONE: ([PYTHON, "-c", "pass"], ROOT)}
    commands[f"{ALONE}, again: noise"] = commands[ALONE]
    for command in COMMANDS:
        commands[f"`{command}`"] = ([FASTGEN, *command.split(), "--dry-run", "--json"], full)
    commands["`add pattern` of all patterns"] = (
        [FASTGEN, "add", "pattern", *names(), "--dry-run", "--json"],
        few,
    )
    for command in READING:
        commands[f"`{command}`"] = ([FASTGEN, *command.split(), "--json"], full)
    commands[f"`update` from {__version__} to another version"] = (
        [*later.program, "update", "--dry-run", "--json"],
        full,
    )
    return interleaved(
        {name: lambda each=each: run(*each) for name, each in commands.items()},  # type: ignore[misc]
        2 if "--quick" in sys.argv else ROUNDS,
    )


if __name__ == "__main__":
    main()
