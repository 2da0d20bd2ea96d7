"""`fastgen remove`: removes what was added to a project, and patterns."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastgen.cli.command_result import CommandResult
from fastgen.cli.options import Debug, DryRun, Json, Yes, complete_extras
from fastgen.errors import Refused

if TYPE_CHECKING:
    from fastgen.changes import Plan
    from fastgen.project.state import State

app = typer.Typer(rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def remove(context: typer.Context) -> None:
    """Remove a router, field, middleware, extra or pattern."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


Force = Annotated[bool, typer.Option("--force", help="Delete files that were edited, too.")]
RouterForce = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Delete files that were edited, too. A migration that is committed, or that a database"
        " may have applied, is never deleted: a new one undoes it.",
    ),
]


@app.command()
def router(
    name: Annotated[str, typer.Argument(help="As it was added: `order_lines`.")],
    force: RouterForce = False,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Remove a resource: its files and its table."""
    from fastgen.names.resource_names import ResourceName  # inside: for a fast `--help`

    if name != "feedback":  # an example, which has no singular
        name = ResourceName.of(name, "thing").plural
    return _remove("router", name, force=force, dry_run=dry_run, json=json)


@app.command()
def middleware(
    name: Annotated[str, typer.Argument(help="As it was added: `rate-limit`.")],
    force: Force = False,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Remove a middleware: its class, settings and test."""
    from fastgen.middleware import catalogue  # inside: `--help` needs none of this

    name = catalogue.normal(name)
    if name in [each.name for each in catalogue.IN_EVERY_PROJECT]:
        raise Refused(
            f"The middleware `{name}` is a part of every project.",
            "Remove it from the list in `app/middleware/__init__.py`.",
        )
    return _remove("middleware", name, force=force, dry_run=dry_run, json=json)


@app.command()
def extra(
    name: Annotated[
        str, typer.Argument(help="As it was added: `metrics`.", autocompletion=complete_extras)
    ],
    force: Force = False,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Remove an extra: its files, settings and requirements."""
    from fastgen.project import extras  # inside: `--help` needs none of this

    return _remove("extra", *extras.choose([name]), force=force, dry_run=dry_run, json=json)


@app.command()
def field(
    resource: Annotated[str, typer.Argument(help="Plural name of the resource: `orders`.")],
    name: Annotated[str, typer.Argument(help="Name of the field: `note`.")],
    force: Force = False,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Remove a field from every layer, with a migration."""
    from fastgen.cli.change_fields import remove_field  # inside: for a fast `--help`

    return remove_field(resource, name, force=force, dry_run=dry_run, json=json)


@app.command()
def pattern(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="Patterns that the project has.")
    ],
    force: RouterForce = False,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Remove patterns: their files and tables. Files that you have edited stay."""
    from fastgen.cli.change_patterns import remove_patterns  # inside: for a fast `--help`

    return remove_patterns(names, force=force, dry_run=dry_run, json=json)


def _remove(kind: str, name: str, *, force: bool, dry_run: bool, json: bool) -> CommandResult:
    from fastgen.changes import Plan
    from fastgen.cli.run_plan import run_plan
    from fastgen.planning.plan_extras import plan_extra_removal
    from fastgen.planning.plan_remove import left_of, plan_removal

    def plan(root: Path, state: "State") -> "Plan":
        operation = state.find(kind, name)
        if operation is None:
            return Plan(kept=left_of(root, state, kind, name))
        if kind == "extra":
            return plan_extra_removal(root, state, operation, force=force)
        return plan_removal(root, state, operation, force=force)

    return run_plan(
        f"remove {kind}",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"There is no {kind} `{name}` that was added: nothing has changed.",
        removed=name if kind == "router" else "",
    )
