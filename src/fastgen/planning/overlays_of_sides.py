"""Renders the overlays of a project on both sides of a merge."""

import glob
from collections.abc import Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from fastgen.planning.sides import Side
from fastgen.planning.working_tree import present
from fastgen.project.request import OverlayOptions
from fastgen.project.state import State

if TYPE_CHECKING:
    from fastgen.overlays import LoadedOverlay

ANYTHING = OverlayOptions(replaces=("*",))
"""Overlays may replace what they replaced in the first render."""


def newest_overlays(root: Path, state: State) -> "list[LoadedOverlay]":
    """The overlays of a project as they are now.

    Raises:
        EnvironmentFault: git is needed and not installed.
        Refused: a source is not there any more, or does not answer.
    """
    if not state.overlays:
        return []
    from fastgen.overlays import load_newest  # inside: most projects have none

    return [load_newest(each, root) for each in state.overlays]


def with_overlays(root: Path, old: Side, new: Side) -> tuple[Side, Side]:
    """Both sides with the overlays that the project has; those that would run code are left out.

    Raises:
        EnvironmentFault: git is needed and not installed.
        Refused: a source is not there any more, or an overlay fails.
    """
    if not old.state.overlays:
        return old, new
    from fastgen.overlays import Untrusted, load_again, load_newest

    loaded = [load_again(each, root) or load_newest(each, root) for each in old.state.overlays]
    try:
        sides = _overlaid(old, loaded, ANYTHING), _overlaid(new, loaded, ANYTHING)
    except Untrusted:
        return old, new
    # Their records are changed by an update alone.
    return replace(sides[0], state=old.state), replace(sides[1], state=new.state)


def with_newest_overlays(
    root: Path, old: Side, new: Side, newest: "list[LoadedOverlay]", options: OverlayOptions
) -> tuple[Side, Side]:
    """The old side with the overlays as they were, and the new side with the newest ones.

    A folder has no history: if its content has changed, the lines that the project and the new
    content have in common are taken for what it was before.

    Args:
        root: the project.
        old: its present state and files.
        new: the next ones.
        newest: the overlays as they are now.
        options: what the newest overlays may do, besides replacing what they have replaced before.

    Raises:
        EnvironmentFault: git is needed and not installed.
        Refused: a source is not there any more, or an overlay fails.
    """
    if not newest:
        return old, new
    from fastgen.overlays import load_again

    before = [load_again(each, root) for each in old.state.overlays]
    known = [each for each in before if each is not None]
    base = _overlaid(old, known, replace(ANYTHING, trust=options.trust))
    owned = _changed(old.tree, base.tree)
    replaces = ("*",) if len(known) < len(before) else (*map(glob.escape, owned), *options.replaces)
    theirs = _overlaid(new, newest, replace(options, replaces=replaces))
    if len(known) < len(before):
        tree = base.tree
        for path in _changed(new.tree, theirs.tree) - owned:
            ours = present(root, path)
            if ours is not None:
                tree[path] = _common(ours, theirs.tree[path])
    return replace(base, state=old.state), theirs


def _overlaid(side: Side, overlays: "list[LoadedOverlay]", options: OverlayOptions) -> Side:
    from fastgen.overlays import overlaid_tree

    state = side.state
    tree, recorded = overlaid_tree(
        side.tree, overlays, state.answers, options, version=state.version
    )
    return Side(replace(state, overlays=recorded), tree)


def _changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> set[str]:
    return {path for path, content in after.items() if content != before.get(path)}


def _common(first: bytes, second: bytes) -> bytes:
    """The lines that two contents have in common."""
    lines = first.splitlines(keepends=True)
    matcher = SequenceMatcher(None, lines, second.splitlines(keepends=True), autojunk=False)
    found = (lines[each.a : each.a + each.size] for each in matcher.get_matching_blocks())
    return b"".join(line for block in found for line in block)
