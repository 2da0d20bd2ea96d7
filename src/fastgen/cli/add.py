"""`fastgen add`: a router or a middleware, in a project that people have edited."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from fastgen.changes import Plan
from fastgen.cli.command_result import CommandResult
from fastgen.cli.options import Debug, DryRun, Json, Yes
from fastgen.cli.run_plan import carry_out, is_dialogue_possible
from fastgen.errors import BadInput
from fastgen.names.resource import ResourceName
from fastgen.project.operations import Operation
from fastgen.project.state import State

app = typer.Typer(rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def add(context: typer.Context) -> None:
    """Add a router or a middleware to the project in the current folder."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _complete_middleware(typed: str) -> list[str]:
    from fastgen.middleware import catalogue

    return [name for name in catalogue.known() if name.startswith(typed)]


@app.command()
def router(
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
    """Add a resource: routes, schemas, service, repository, model, migration, tests."""
    from fastgen.planning.plan_add import plan_addition
    from fastgen.resources.fields import parser  # inside: `--help` needs none of this

    resource = ResourceName.of(name, singular)
    is_asked = field is None and is_dialogue_possible() and not (yes or json)
    fields = _ask_fields(resource.model) if is_asked else field or parser.DEFAULT
    options: dict[str, str | tuple[str, ...]] = {
        "fields": tuple(parser.normalized(text) for text in fields)
    }
    if not resource.is_regular:
        options["singular"] = resource.singular
    if owned is False:
        options["owned"] = "no"
    operation = Operation("router", resource.plural, options)

    def plan(root: Path, state: State) -> Plan:
        _check_owned(state, owned)
        return plan_addition(root, state, operation)

    return carry_out(
        "add router",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"The router `{resource.plural}` is there already: nothing has changed.",
        equivalent=_equivalent(name, fields, singular, owned) if is_asked else "",
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
    """Add a middleware: its class, its place in the order, its settings, its test."""
    from fastgen.middleware import catalogue
    from fastgen.planning.plan_add import plan_addition

    operation = Operation("middleware", catalogue.normal(name))
    is_core = operation.name in [each.name for each in catalogue.IN_EVERY_PROJECT]

    def plan(root: Path, state: State) -> Plan:
        return Plan() if is_core else plan_addition(root, state, operation)

    where = "in every project already:" if is_core else "there already:"
    return carry_out(
        "add middleware",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"The middleware `{operation.name}` is {where} nothing has changed.",
    )


def _ask_fields(model: str) -> Sequence[str]:
    from fastgen import prompts

    return prompts.ask_fields(model)


def _check_owned(state: State, owned: bool | None) -> None:
    if owned and "auth" not in state.answers.patterns:
        raise BadInput("`--owned` needs the pattern `auth`.", "Leave `--owned` out.")


def _equivalent(name: str, fields: Sequence[str], singular: str, owned: bool | None) -> str:
    words = ["fastgen", "add", "router", name]
    words += [word for field in fields for word in ("--field", field)]
    words += ["--singular", singular] if singular else []
    words += [] if owned is None else ["--owned" if owned else "--not-owned"]
    return shlex.join(words)
