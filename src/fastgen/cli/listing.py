"""`fastgen list`: patterns, middleware and extras on offer, and the routers of a project."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastgen import console
from fastgen.cli.command_result import CommandResult
from fastgen.cli.options import Debug, Json
from fastgen.errors import NotAProject
from fastgen.report import Entry, Report

if TYPE_CHECKING:
    from fastgen.project.operations import Operation


class What(StrEnum):
    """The lists."""

    PATTERNS = "patterns"
    MIDDLEWARE = "middleware"
    EXTRAS = "extras"
    ROUTERS = "routers"


def show_list(
    what: Annotated[What, typer.Argument(help="The things to list.")] = What.PATTERNS,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """List patterns, middleware, extras, or the routers of the project."""
    from fastgen.project import patterns  # inside, here and below: for a fast `--help`

    entries = _ENTRIES[what]()
    report = Report(command="list", status="done", patterns=[*patterns.names()], data=entries)
    return CommandResult(report, lambda: console.show_entries(entries), json)


def _patterns() -> list[Entry]:
    from fastgen.project import patterns

    return [Entry(pattern.name, pattern.description) for pattern in patterns.all_patterns()]


def _middleware() -> list[Entry]:
    """The middleware of every project, the catalogue, and the project's own, if there is one."""
    from fastgen.middleware import catalogue

    added = _added("middleware")
    in_core = [
        Entry(middleware.name, f"{middleware.does} (in every project)")
        for middleware in catalogue.IN_EVERY_PROJECT
    ]
    names = [*catalogue.known(), *(name for name in added if name not in catalogue.known())]
    further = [
        Entry(name, catalogue.find(name).does + (" (added)" if name in added else ""))
        for name in names
    ]
    return [*in_core, *further]


def _extras() -> list[Entry]:
    """The extras on offer; those that the project has are marked, if there is one."""
    from fastgen.project import extras

    added = _added("extra")
    return [
        Entry(extra.name, extra.summary + (" (added)" if extra.name in added else ""))
        for extra in extras.all_extras()
    ]


def _added(kind: str) -> list[str]:
    from fastgen.project.state import find_root

    try:
        find_root(Path.cwd())
    except NotAProject:
        return []
    return [operation.name for operation in _recorded(kind)]


def _routers() -> list[Entry]:
    """The routers with their fields, those that were added later included."""
    return [
        Entry(operation.name, ", ".join(operation.options.get("fields", ())))
        for operation in _recorded("router")
    ]


def _recorded(kind: str) -> "list[Operation]":
    from fastgen.planning.recorded_operations import check_recorded
    from fastgen.project.state import find_root, read_state
    from fastgen.resources.complete import complete

    root = find_root(Path.cwd())
    state = read_state(root)
    check_recorded(root, state)
    return [operation for operation in complete(state.operations) if operation.kind == kind]


_ENTRIES = {
    What.PATTERNS: _patterns,
    What.MIDDLEWARE: _middleware,
    What.EXTRAS: _extras,
    What.ROUTERS: _routers,
}
