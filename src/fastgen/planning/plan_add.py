"""Plans what `add` changes in a project, before the first write."""

import shlex
from dataclasses import replace
from pathlib import Path

from fastgen.changes import Change, Plan
from fastgen.errors import Refused
from fastgen.middleware.catalogue import find
from fastgen.middleware.edits import add_middleware, make_files
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.project.state_files import state_changes
from fastgen.resources.complete import complete
from fastgen.resources.coverage_limit import change_limit
from fastgen.resources.resource_files import add_router, made_before


def plan_addition(root: Path, state: State, operation: Operation) -> Plan:
    """The changes that add it; none, if it was added before.

    Raises:
        BadInput: its name or its options are not possible.
        Refused: something is in the way.
    """
    before = state.find(operation.kind, operation.name)
    if before is not None:
        _check_same(root, state, before, operation)
        return Plan()
    plan = _plan(root, state, operation)
    recorded = state_changes(root, state, state.with_operation(operation))
    return replace(plan, changes=[*plan.changes, *recorded])


def _plan(root: Path, state: State, operation: Operation) -> Plan:
    patterns = state.parts
    if operation.kind == "middleware":
        plan = add_middleware(root, patterns, operation)
    else:
        added = add_router(root, patterns, operation, complete(state.operations))
        after = [*state.operations, operation]
        plan = Plan([*added, *change_limit(root, state.operations, after)])
    return replace(plan, changes=[each for each in plan.changes if _differs(root, each)])


def files_of(state: State, operation: Operation) -> list[str]:
    """The paths that a recorded operation has made, but for its revision, which may be gone."""
    if operation.kind == "middleware":
        return [file.path for file in make_files(find(operation.name), state.parts)]
    return made_before(state, operation)


def _check_same(root: Path, state: State, before: Operation, operation: Operation) -> None:
    what = f"{operation.kind} `{operation.name}`"
    remove = f"`fastgen remove {operation.kind} {operation.name}`"
    if before != operation:
        loss = ", which drops its table if it has one" if operation.kind == "router" else ""
        hint = _way_to_fields(state, operation) or f"Choose another name, or run {remove}{loss}."
        raise Refused(f"There is a {what} already, with other options.", hint)
    for path in files_of(state, before):
        if not (root / path).exists():
            raise Refused(f"The {what} was added before, but `{path}` is gone.", f"Run {remove}.")


def _way_to_fields(state: State, operation: Operation) -> str:
    """The command for the fields that a router lacks; empty if it lacks none."""
    whole = next(one for one in complete(state.operations) if one.id == operation.id)
    known = [text.partition(":")[0] for text in whole.options.get("fields", ())]
    fields = operation.options.get("fields", ())
    new = [text for text in fields if text.partition(":")[0] not in known]
    if not known or not new:
        return ""
    command = shlex.join(["fastgen", "add", "field", operation.name, *new])
    return f"Add to it with `{command}`, which keeps its files and its table."


def _differs(root: Path, change: Change) -> bool:
    path = root / change.path
    if change.text is None:
        return path.exists()
    return not path.exists() or path.read_bytes() != change.content
