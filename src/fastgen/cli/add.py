"""`fastgen add`: what is chosen later, in a project that people have edited."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastgen.cli.command_result import CommandResult
from fastgen.cli.options import Debug, DryRun, Json, Yes, complete_extras

if TYPE_CHECKING:
    from fastgen.changes import Plan
    from fastgen.project.state import State

app = typer.Typer(rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def add(context: typer.Context) -> None:
    """Add a router, field, middleware, extra or pattern to the project."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _complete_middleware(typed: str) -> list[str]:
    from fastgen.middleware import catalogue

    return [name for name in catalogue.known() if name.startswith(typed)]


@app.command(context_settings={"allow_extra_args": True})
def router(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Plural name of the resource: `order_lines`.")],
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:TYPE[:MODIFIER]...",
            help="A field, such as `total:decimal:min=0`; may be repeated.",
        ),
    ] = None,
    singular: Annotated[
        str, typer.Option(metavar="WORD", help="Singular of NAME, if it cannot be derived.")
    ] = "",
    owned: Annotated[
        bool | None,
        typer.Option(
            "--owned/--not-owned",
            help="Whether rows belong to the user who created them; the default with `auth`.",
        ),
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Add a resource in every layer, with a migration and tests."""
    from fastgen.cli.add_router import (  # inside: for a fast `--help`
        RouterOptions,
        refuse_positions,
        run_add_router,
    )

    refuse_positions(name, context.args)
    return run_add_router(
        RouterOptions(
            name=name,
            fields=field,
            singular=singular,
            owned=owned,
            dry_run=dry_run,
            json=json,
            yes=yes,
        )
    )


@app.command()
def middleware(
    name: Annotated[
        str,
        typer.Argument(
            help="A name from `fastgen list middleware`, or a new name.",
            autocompletion=_complete_middleware,
        ),
    ],
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Add a middleware with its settings and its test."""
    from fastgen.changes import Plan
    from fastgen.cli.run_plan import run_plan
    from fastgen.middleware import catalogue
    from fastgen.planning.plan_add import plan_addition
    from fastgen.project.operations import Operation

    operation = Operation("middleware", catalogue.normal(name))
    is_core = operation.name in [each.name for each in catalogue.IN_EVERY_PROJECT]

    def plan(root: Path, state: "State") -> "Plan":
        return Plan() if is_core else plan_addition(root, state, operation)

    where = "in every project already:" if is_core else "there already:"
    return run_plan(
        "add middleware",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"The middleware `{operation.name}` is {where} nothing has changed.",
    )


@app.command()
def extra(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help="Names from `fastgen list extras`.",
            autocompletion=complete_extras,
        ),
    ],
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Add extras with their settings, tests and documentation."""
    from fastgen.cli.run_plan import run_plan
    from fastgen.planning.plan_extras import plan_extras
    from fastgen.project import extras

    chosen = extras.choose(names)
    return run_plan(
        "add extra",
        lambda root, state: plan_extras(root, state, chosen),
        dry_run=dry_run,
        json=json,
        unchanged=f"The project has {', '.join(f'`{name}`' for name in chosen)} already:"
        " nothing has changed.",
    )


@app.command()
def field(
    resource: Annotated[str, typer.Argument(help="Plural name of the resource: `orders`.")],
    fields: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME:TYPE[:MODIFIER]...]...", help="Fields, such as `note:text:optional`."
        ),
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Add fields to a resource in every layer. The migration works with existing rows."""
    from fastgen.cli.change_fields import add_fields  # inside: for a fast `--help`

    return add_fields(resource, fields or [], dry_run=dry_run, json=json, yes=yes)


def _complete_pattern(typed: str) -> list[str]:
    from fastgen.project import patterns

    return [name for name in patterns.names() if name.startswith(typed)]


@app.command()
def pattern(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help="Names from `fastgen list patterns`.",
            autocompletion=_complete_pattern,
        ),
    ],
    queue: Annotated[
        str | None, typer.Option(metavar="ENGINE", help="Engine of the pattern `queue`.")
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,  # noqa: ARG001  # nothing is asked
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Add patterns, and those that they need. Your edits are merged."""
    from fastgen.cli.change_patterns import add_patterns  # inside: for a fast `--help`

    return add_patterns(names, queue=queue, dry_run=dry_run, json=json)
