"""Adds a resource, and asks for its fields if there is a terminal."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastgen import prompts
from fastgen.changes import Plan
from fastgen.cli.command_result import CommandResult
from fastgen.cli.run_plan import run_plan
from fastgen.cli.terminal import is_dialogue_possible
from fastgen.errors import BadInput
from fastgen.names.resource_names import ResourceName
from fastgen.planning.plan_add import plan_addition
from fastgen.project.state import State
from fastgen.resources.fields import parser
from fastgen.resources.router_operation import router_operation


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterOptions:
    """The options of `fastgen add router` as they were typed."""

    name: str
    fields: Sequence[str] | None
    singular: str
    owned: bool | None
    dry_run: bool
    json: bool
    yes: bool


def run_add_router(options: RouterOptions) -> CommandResult:
    """Add the resource, or plan it with `--dry-run`.

    Raises:
        BadInput: its name or a field is not possible.
    """
    resource = ResourceName.of(options.name, options.singular)
    asks = options.fields is None and is_dialogue_possible() and not (options.yes or options.json)
    fields = prompts.ask_fields(resource.model) if asks else options.fields or parser.DEFAULT
    operation = router_operation(resource, fields, owned=options.owned)

    def plan(root: Path, state: State) -> Plan:
        if options.owned and "auth" not in state.answers.patterns:
            raise BadInput("`--owned` needs the pattern `auth`.", "Leave `--owned` out.")
        return plan_addition(root, state, operation)

    return run_plan(
        "add router",
        plan,
        dry_run=options.dry_run,
        json=options.json,
        unchanged=f"The router `{resource.plural}` is there already: nothing has changed.",
        equivalent=_equivalent(options, fields) if asks else "",
    )


def refuse_positions(name: str, given: Sequence[str]) -> None:
    """Refuse further arguments, which may be fields without their option.

    Raises:
        BadInput: there are some.
    """
    if not given:
        return
    hint = "See `fastgen add router --help`."
    if all(":" in each for each in given):
        words = [word for each in given for word in ("--field", each)]
        hint = f"Try `{shlex.join(['fastgen', 'add', 'router', name, *words])}`."
    plural = "" if len(given) == 1 else "s"
    raise BadInput(f"Got unexpected extra argument{plural} ({' '.join(given)})", hint)


def _equivalent(options: RouterOptions, fields: Sequence[str]) -> str:
    """The command that adds the same resource without a dialogue."""
    words = ["fastgen", "add", "router", options.name]
    words += [word for field in fields for word in ("--field", field)]
    words += ["--singular", options.singular] if options.singular else []
    if options.owned is not None:
        words.append("--owned" if options.owned else "--not-owned")
    return shlex.join(words)
