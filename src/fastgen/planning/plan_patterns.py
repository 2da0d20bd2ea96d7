"""Plans to add patterns to a project, and to remove them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from fastgen.changes import Plan
from fastgen.errors import BadInput, Refused
from fastgen.planning.plan_merge import plan_merge
from fastgen.project import patterns
from fastgen.project.choices import choose_one
from fastgen.project.extras import check_needs, extras_of
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
    left = tuple(name for name in state.answers.patterns if name not in names)
    for pattern in patterns.all_patterns():
        needed = [name for name in pattern.needs if name in names]
        if pattern.name in left and needed:
            raise Refused(
                f"The pattern `{needed[0]}` is needed by `{pattern.name}`.",
                f"Remove both: `fastgen remove pattern {pattern.name} {needed[0]}`.",
            )
    for name in extras_of(state.operations):
        try:
            check_needs([name], left)
        except Refused as error:
            raise Refused(error.message, f"First run `fastgen remove extra {name}`.") from None
    queue = state.answers.queue if "queue" in left else ""
    return _plan(root, state, left, queue, force=force)


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
