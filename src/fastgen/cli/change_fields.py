"""Adds fields to a resource, and removes them."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from fastgen import prompts
from fastgen.changes import Plan
from fastgen.cli.command_result import CommandResult
from fastgen.cli.run_plan import run_plan
from fastgen.cli.terminal import is_dialogue_possible
from fastgen.errors import BadInput
from fastgen.names.resource_names import ResourceName
from fastgen.planning.plan_fields import (
    find_router,
    plan_add_fields,
    plan_remove_field,
    specification_of,
)
from fastgen.planning.recorded_operations import check_recorded
from fastgen.project.operations import Operation
from fastgen.project.state import State, find_root, read_state
from fastgen.resources.fields.parser import parse


def add_fields(
    resource: str, fields: Sequence[str], *, dry_run: bool, json: bool, yes: bool
) -> CommandResult:
    """Add fields to a resource of the project around the current folder.

    Raises:
        BadInput: no field is given, and there is no terminal to ask for them.
    """
    given = fields
    if is_dialogue_possible() and not (yes or json):
        root = find_root(Path.cwd())
        state = read_state(root)
        check_recorded(root, state)
        fields = _asked(state, resource, fields)
    elif not fields:
        raise BadInput("A field is missing.", "Write it as `note:text:optional`.")

    def plan(root: Path, state: State) -> Plan:
        return plan_add_fields(root, state, resource, fields)

    return run_plan(
        "add field",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"`{resource}` has these fields already: nothing has changed.",
        equivalent=(
            shlex.join(["fastgen", "add", "field", resource, *fields]) if fields != given else ""
        ),
    )


def _asked(state: State, resource: str, fields: Sequence[str]) -> Sequence[str]:
    """The fields, which are asked for if there are none, with the defaults of new columns."""
    router = find_router(state, resource)
    model = ResourceName.of(router.name, router.text("singular")).model
    fields = fields or prompts.ask_fields(model)
    if "database" not in state.answers.patterns:
        return fields
    return [
        prompts.ask_default(field, model) if _may_get_default(state, router, field) else field
        for field in fields
    ]


def _may_get_default(state: State, router: Operation, specification: str) -> bool:
    """Whether a column is new, must not be null, and has a type that allows a default."""
    field = parse(specification, ResourceName.of(router.name, router.text("singular")).model)
    is_new = specification_of(state, router, field.name) is None
    return is_new and field.is_sent and not field.is_unique and bool(field.field_type.default)


def remove_field(
    resource: str, name: str, *, force: bool, dry_run: bool, json: bool
) -> CommandResult:
    """Remove a field of a resource of the project around the current folder."""

    def plan(root: Path, state: State) -> Plan:
        return plan_remove_field(root, state, resource, name, force=force)

    return run_plan(
        "remove field",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"`{resource}` has no field `{name}`: nothing has changed.",
    )
