"""Plans the changes that add extras to a project, or take one out: a merge of two renders."""

from collections.abc import Sequence
from pathlib import Path

from fastgen.changes import Plan
from fastgen.planning.plan_merge import plan_merge
from fastgen.project.extras import check_needs
from fastgen.project.operations import Operation
from fastgen.project.state import State


def plan_extras(root: Path, state: State, extras: Sequence[str]) -> Plan:
    """The changes that add extras; none for those that were added before.

    Raises:
        Refused: an extra needs a pattern that the project does not have, or names conflict.
    """
    check_needs(extras, state.answers.patterns)
    after = state
    for name in extras:
        if after.find("extra", name) is None:
            after = after.with_operation(Operation("extra", name))
    return Plan() if after == state else plan_merge(root, state, after, adds=True)


def plan_extra_removal(root: Path, state: State, operation: Operation, *, force: bool) -> Plan:
    """The changes that take an extra out. With `force`, files that were edited go too."""
    return plan_merge(root, state, state.without(operation), force=force)
