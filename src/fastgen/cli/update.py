"""`fastgen update`: the templates of the installed version, merged into a project."""

from typing import Annotated

import typer

from fastgen.cli.command_result import CommandResult
from fastgen.cli.options import Debug, DryRun, Json, Yes


def update(
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; exit 1 if there is an update, else 0."),
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Update this project to the installed fastgen, by a merge with what you have edited."""
    from fastgen.cli.run_plan import run_plan  # inside: for a fast `--help`
    from fastgen.planning.plan_update import plan_update

    return run_plan(
        "update",
        plan_update,
        dry_run=dry_run,
        check=check,
        json=json,
        unchanged="The project is up to date: nothing has changed.",
    )
