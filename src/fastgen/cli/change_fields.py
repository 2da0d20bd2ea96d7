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
from fastgen.planning.plan_fields import find_router, plan_add_fields, plan_remove_field
from fastgen.project.state import State, find_root, read_state


def add_fields(
    resource: str, fields: Sequence[str], *, dry_run: bool, json: bool, yes: bool
) -> CommandResult:
    """Add fields to a resource of the project around the current folder.

    Raises:
        BadInput: no field is given, and there is no terminal to ask for them.
    """
    asks = not fields
    if asks:
        if yes or json or not is_dialogue_possible():
            raise BadInput("A field is missing.", "Write it as `note:text:optional`.")
        router = find_router(read_state(find_root(Path.cwd())), resource)
        model = ResourceName.of(router.name, router.text("singular")).model
        fields = prompts.ask_fields(model)

    def plan(root: Path, state: State) -> Plan:
        return plan_add_fields(root, state, resource, fields)

    return run_plan(
        "add field",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"`{resource}` has these fields already: nothing has changed.",
        equivalent=shlex.join(["fastgen", "add", "field", resource, *fields]) if asks else "",
    )


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
