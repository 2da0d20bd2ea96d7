"""Plans the changes that add extras to a project, or take one out: a merge of two renders."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fastgen.changes import Change, Plan
from fastgen.merge import MergedFile, merge_trees
from fastgen.planning.import_scan import importing, module_of
from fastgen.planning.project_tree import project_tree
from fastgen.planning.recorded_operations import check_recorded
from fastgen.project.extras import check_needs
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.project.state_files import state_changes


def plan_extras(root: Path, state: State, extras: Sequence[str]) -> Plan:
    """The changes that add extras; none for those that were added before.

    Raises:
        NotAProject: a recorded operation is not possible.
        Refused: an extra needs a pattern that the project does not have.
    """
    check_recorded(root, state)
    check_needs(extras, state.answers.patterns)
    after = state
    for name in extras:
        if after.find("extra", name) is None:
            after = after.with_operation(Operation("extra", name))
    return _plan(root, state, after)


def plan_extra_removal(root: Path, state: State, operation: Operation, *, force: bool) -> Plan:
    """The changes that take an extra out. With `force`, files that were edited go too.

    Raises:
        NotAProject: a recorded operation is not possible.
    """
    check_recorded(root, state)
    plan = _plan(root, state, state.without(operation))
    if force:
        deleted = [Change(path, None) for path in plan.kept]
        plan = replace(plan, changes=[*deleted, *plan.changes], kept=())
    modules = {module_of(change.path) for change in plan.changes if change.text is None}
    broken = importing(root, modules, {change.path for change in plan.changes})
    return replace(plan, broken=[path for path in broken if path not in plan.kept])


def _plan(root: Path, before: State, after: State) -> Plan:
    if after.operations == before.operations:
        return Plan()
    trees = project_tree(before), project_tree(after)
    merged = [*merge_trees(*trees, lambda path: _content(root, path), {})]
    return Plan(
        [*map(_change, _with(merged, "kept", is_in=False)), *state_changes(root, before, after)],
        kept=[file.path for file in _with(merged, "kept")],
        conflicts=[file.path for file in _with(merged, "conflict")],
    )


def _with(files: Sequence[MergedFile], outcome: str, *, is_in: bool = True) -> list[MergedFile]:
    return [file for file in files if (file.outcome == outcome) is is_in]


def _change(file: MergedFile) -> Change:
    return Change(file.path, None if file.content is None else file.content.decode("utf-8"))


def _content(root: Path, path: str) -> bytes | None:
    file = root / path
    return file.read_bytes() if file.is_file() else None
