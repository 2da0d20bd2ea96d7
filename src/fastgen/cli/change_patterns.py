"""Adds patterns to a project, and removes them."""

from collections.abc import Sequence
from pathlib import Path

from fastgen.changes import Plan
from fastgen.cli.command_result import CommandResult
from fastgen.cli.run_plan import run_plan
from fastgen.planning.plan_patterns import check_names, plan_add_patterns, plan_remove_patterns
from fastgen.project import patterns
from fastgen.project.state import State


def add_patterns(
    names: Sequence[str], *, queue: str | None, dry_run: bool, json: bool
) -> CommandResult:
    """Add patterns to the project around the current folder.

    Raises:
        BadInput: one is not on offer.
    """
    chosen = check_names(names)

    notes: list[str] = []

    def plan(root: Path, state: State) -> Plan:
        notes[:] = patterns.needs_sentences({*state.answers.patterns, *chosen})
        return plan_add_patterns(root, state, chosen, queue)

    return run_plan(
        "add pattern",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"{_listed(chosen)} there already: nothing has changed.",
        notes=notes,
    )


def remove_patterns(
    names: Sequence[str], *, force: bool, dry_run: bool, json: bool
) -> CommandResult:
    """Remove patterns from the project around the current folder.

    Raises:
        BadInput: one is not on offer.
    """
    chosen = check_names(names)

    def plan(root: Path, state: State) -> Plan:
        return plan_remove_patterns(root, state, chosen, force=force)

    return run_plan(
        "remove pattern",
        plan,
        dry_run=dry_run,
        json=json,
        unchanged=f"{_listed(chosen)} not there: nothing has changed.",
    )


def _listed(names: Sequence[str]) -> str:
    words = ", ".join(f"`{name}`" for name in names)
    return f"The pattern {words} is" if len(names) == 1 else f"The patterns {words} are"
