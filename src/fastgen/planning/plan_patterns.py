"""Plans to add patterns to a project, and to remove them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from fastgen.changes import Plan
from fastgen.errors import BadInput, Refused
from fastgen.names.display import listed
from fastgen.planning.plan_merge import plan_merge
from fastgen.project import patterns
from fastgen.project.choices import choose_one
from fastgen.project.extras import all_extras, check_needs, extras_of
from fastgen.project.state import State


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """The patterns that a command names, in order.

    Raises:
        BadInput: one is not on offer.
    """
    known = patterns.names()
    wanted = {name.strip().lower() for each in names for name in each.split(",") if name.strip()}
    if unknown := sorted(wanted.difference(known)):
        raise BadInput(
            f"`{unknown[0]}` is not a pattern on offer.", f"Choose from: {', '.join(known)}."
        )
    return tuple(name for name in known if name in wanted)


def plan_add_patterns(
    root: Path, state: State, names: Collection[str], queue: str | None = None
) -> Plan:
    """The changes that add patterns, and those that they need; none if they are there.

    Args:
        root: the project.
        state: its state.
        names: the patterns.
        queue: the choice for the pattern `queue`, which may be another one than before; None for
            that of the project, or the default.

    Raises:
        BadInput: there is no such choice, or the project would lack the pattern.
        Refused: a pattern has a name that a resource has.
    """
    chosen = patterns.with_needs({*state.answers.patterns, *names})
    present = state.answers.queue or None
    engine = choose_one("queue", present if queue is None else queue, chosen)
    return _plan(root, state, chosen, engine, adds=True)


def plan_remove_patterns(
    root: Path, state: State, names: Collection[str], *, force: bool = False
) -> Plan:
    """The changes that remove patterns; none if they are not there.

    Raises:
        Refused: another pattern needs one of them.
    """
    present = state.answers.patterns
    whole = _with_users(names, present)
    users = tuple(name for name in present if name in whole and name not in names)
    remove = [f"`fastgen remove extra {name}`" for name in _extras_without(state, whole)]
    if users:
        needed = next(name for name in names if name in _needs_of(users))
        command = f"`fastgen remove pattern {' '.join(name for name in present if name in whole)}`"
        raise Refused(
            f"The pattern `{needed}` is needed by {listed([f'`{name}`' for name in users])}.",
            f"Remove them together: {listed([*remove, command])}.",
        )
    left = tuple(name for name in present if name not in names)
    try:
        check_needs(extras_of(state.operations), left)
    except Refused as error:
        raise Refused(error.message, f"First run {listed(remove)}.") from None
    queue = state.answers.queue if "queue" in left else ""
    return _plan(root, state, left, queue, force=force)


def _with_users(names: Collection[str], present: Sequence[str]) -> set[str]:
    """The patterns, and those of the project that need one of them, or one that needs one."""
    found = {*names}
    while more := {name for name in present if found & {*_needs_of([name])}} - found:
        found |= more
    return found


def _needs_of(names: Collection[str]) -> set[str]:
    return {need for one in patterns.all_patterns() if one.name in names for need in one.needs}


def _extras_without(state: State, names: Collection[str]) -> list[str]:
    """The extras of the project that need one of the patterns."""
    added = extras_of(state.operations)
    return [one.name for one in all_extras() if one.name in added and {*one.needs} & {*names}]


def _plan(
    root: Path,
    state: State,
    chosen: tuple[str, ...],
    queue: str,
    *,
    adds: bool = False,
    force: bool = False,
) -> Plan:
    answers = replace(state.answers, patterns=chosen, queue=queue)
    if answers == state.answers:
        return Plan()
    after = replace(state, answers=answers)
    return plan_merge(root, state, after, adds=adds, force=force)
