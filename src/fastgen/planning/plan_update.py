"""Plans the update of a project to the templates of the installed version."""

from dataclasses import replace
from pathlib import Path

from fastgen import __version__
from fastgen.changes import Plan
from fastgen.merge import find_renames
from fastgen.planning.overlays_of_sides import newest_overlays, with_newest_overlays
from fastgen.planning.plan_merge import plan_trees
from fastgen.planning.project_tree import Tree, project_tree, revision_files
from fastgen.planning.recorded_tree import rendering_recorded
from fastgen.planning.sides import Side
from fastgen.project.request import OverlayOptions
from fastgen.project.state import State


def plan_update(root: Path, state: State, options: OverlayOptions) -> Plan:
    """The changes that bring a project to the installed version, and to its newest overlays.

    Args:
        root: the project.
        state: its state.
        options: what the overlays may do.

    Raises:
        EnvironmentFault: git is needed for an overlay, and not installed.
        Refused: the project is of an unreleased version, an overlay cannot be rendered, or a
            file or a table cannot be changed safely.
    """
    overlays = newest_overlays(root, state)
    known = [(each.ref, each.commit) for each in state.overlays]
    if state.version == __version__ and known == [(each.ref, each.commit) for each in overlays]:
        return Plan()
    after = replace(state, version=__version__)
    with rendering_recorded(state) as tree:
        new = Side(after, project_tree(after))  # meanwhile: an older release has its own process
        old = Side(state, tree())
    moves = _moves(old.tree, new.tree)
    old, new = with_newest_overlays(root, old, new, overlays, options)
    return plan_trees(root, old, new, moves=moves)


def _moves(base: Tree, theirs: Tree) -> dict[str, str]:
    """The new paths of the files that the installed version has elsewhere."""
    revisions = {*revision_files(base), *revision_files(theirs)}
    gone = {path: base[path] for path in {*base}.difference(theirs, revisions)}
    new = {path: theirs[path] for path in {*theirs}.difference(base, revisions)}
    return find_renames(gone, new)
