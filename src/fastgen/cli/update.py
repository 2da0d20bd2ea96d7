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
    overlay_replaces: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH", help="A file or a glob that overlays may replace; may be repeated."
        ),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Let overlays load Jinja extensions.")
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Update the project to the installed fastgen. Your edits are merged."""
    from fastgen.cli.run_plan import run_plan  # inside: for a fast `--help`
    from fastgen.planning.plan_update import plan_update
    from fastgen.project.request import OverlayOptions

    options = OverlayOptions(replaces=tuple(overlay_replaces or ()), trust=trust)
    return run_plan(
        "update",
        lambda root, state: plan_update(root, state, options),
        dry_run=dry_run,
        check=check,
        json=json,
        unchanged="The project is up to date: nothing has changed.",
    )
