"""Plans the update of a project to the templates of the installed version."""

from dataclasses import replace
from pathlib import Path

from fastgen import __version__
from fastgen.changes import Plan
from fastgen.merge import find_renames
from fastgen.planning.plan_merge import Side, plan_trees
from fastgen.planning.project_tree import Tree, project_tree, revision_files
from fastgen.planning.recorded_operations import check_recorded
from fastgen.planning.recorded_tree import recorded_tree
from fastgen.project.state import State


def plan_update(root: Path, state: State) -> Plan:
    """The changes that bring a project to the installed version; none if it is of that version.

    Raises:
        NotAProject: a recorded operation is not possible.
        Refused: the project is of an unreleased version, or cannot be changed safely.
    """
    if state.version == __version__:
        return Plan()
    check_recorded(root, state)
    after = replace(state, version=__version__)
    old, new = Side(state, recorded_tree(state)), Side(after, project_tree(after))
    return plan_trees(root, old, new, moves=_moves(old.tree, new.tree))


def _moves(base: Tree, theirs: Tree) -> dict[str, str]:
    """The new paths of the files that the installed version has elsewhere."""
    revisions = {*revision_files(base), *revision_files(theirs)}
    gone = {path: base[path] for path in {*base}.difference(theirs, revisions)}
    new = {path: theirs[path] for path in {*theirs}.difference(base, revisions)}
    return find_renames(gone, new)
