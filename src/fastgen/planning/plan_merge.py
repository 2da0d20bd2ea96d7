"""Plans how a project changes from one state to another, with what people have edited."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from fastgen.changes import Change, Conflicted, Plan
from fastgen.errors import Refused
from fastgen.git_index import check_checked_out
from fastgen.merge import MergedFile, line_of_conflict, merge_trees
from fastgen.migrations.revisions import FOLDER
from fastgen.planning.fills import fills_of
from fastgen.planning.import_scan import importing, imports_one, module_of
from fastgen.planning.overlays_of_sides import with_overlays
from fastgen.planning.plan_revisions import plan_revisions
from fastgen.planning.project_tree import Tree, project_tree, revision_files
from fastgen.planning.recorded_operations import check_recorded
from fastgen.planning.sides import Side
from fastgen.planning.working_tree import missing_files, present, renamed_files
from fastgen.project.state import State
from fastgen.project.state_files import state_changes
from fastgen.resources.conflicts import NameConflict, check_own_models
from fastgen.resources.project_files import FilesInMemory, FilesOnDisk

MIGRATIONS = f"{FOLDER.partition('/')[0]}/"


def plan_merge(
    root: Path, before: State, after: State, *, adds: bool = False, force: bool = False
) -> Plan:
    """The changes that make a project of the state `before` one of the state `after`.

    Args:
        root: the project.
        before: its present state.
        after: its state after the command.
        adds: whether it adds something that could have a name of a resource.
        force: whether files go although they were edited.

    Raises:
        NotAProject: a recorded operation is not possible.
        Refused: names conflict, or a file or a table cannot be changed safely.
    """
    check_recorded(root, before)
    theirs = _with_additions(after) if adds else project_tree(after)
    base = project_tree(before)
    if adds:
        new_files = {path: theirs[path] for path in theirs.keys() - base.keys()}
        check_own_models(FilesOnDisk(root), base, FilesInMemory(new_files))
    old, new = Side(before, base), Side(after, theirs)
    return plan_trees(root, *with_overlays(root, old, new), force=force)


def _with_additions(after: State) -> Tree:
    try:
        return project_tree(after, is_new=True)
    except NameConflict as conflict:
        name = conflict.resource
        raise Refused(
            f"The router `{name}` conflicts with what would be added: {conflict.message}",
            f"First run `fastgen remove router {name}`, which drops its table if it has one; then "
            "add it under another name.",
        ) from None


def plan_trees(
    root: Path,
    old: Side,
    new: Side,
    *,
    moves: Mapping[str, str] | None = None,
    force: bool = False,
) -> Plan:
    """The changes that bring what differs between two trees into a project.

    Args:
        root: the project.
        old: its state, and the files that fastgen made of it.
        new: its next state, and the files that fastgen makes of that.
        moves: the new paths of files that are elsewhere in the new tree.
        force: whether files go although they were edited.

    Raises:
        Refused: a file or a table cannot be changed safely, a file has an unresolved conflict, or
            a sparse checkout leaves it out.
    """
    before, after, base, theirs = old.state, new.state, old.tree, new.tree
    revisions = plan_revisions(
        root,
        revision_files(base),
        revision_files(theirs),
        {**fills_of(before), **fills_of(after)},
    )
    if any(path.startswith(FOLDER) for path in revisions.kept):
        # Revisions need what runs them.
        needed = {path: base[path] for path in base if path.startswith(MIGRATIONS)}
        theirs = {**theirs, **needed}
    base, theirs = _without_revisions(base), _without_revisions(theirs)
    missing = missing_files(root, base, theirs)
    check_checked_out(root, missing)
    renames = renamed_files(root, missing, {*base, *theirs})
    merged = [*merge_trees(base, theirs, partial(present, root), renames, moves or {})]
    _check_resolved(root, merged)
    kept = [each.path for each in merged if each.outcome == "kept"]
    if force:
        merged = [_deleted(each) if each.outcome == "kept" else each for each in merged]
    files = [each for each in merged if each.outcome != "kept"]
    changes = [
        *(Change.of(each.path, each.content) for each in files if _is_written(root, each)),
        *revisions.changes,
        *state_changes(root, before, after),
    ]
    return Plan(
        changes,
        kept=[*([] if force else kept), *revisions.kept],
        broken=[
            path
            for path in _broken(root, files, [*kept, *(each.path for each in revisions.changes)])
            if not (revisions.kept and path.startswith(MIGRATIONS))
        ],
        conflicts=[
            Conflicted(
                each.path, each.base, present(root, each.moved_from or each.path), each.theirs
            )
            for each in files
            if each.outcome == "conflict"
        ],
        patterns=after.answers.patterns,
    )


def _check_resolved(root: Path, files: Sequence[MergedFile]) -> None:
    for file in files:
        path = file.moved_from or file.path
        if file.outcome in ("merged", "conflict"):
            line = line_of_conflict(present(root, path) or b"")
            if line:
                raise Refused(
                    f"`{path}` has an unresolved conflict in line {line}.",
                    "Resolve it, then run the command again.",
                )


def _without_revisions(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    revisions = revision_files(tree)
    return {path: content for path, content in tree.items() if path not in revisions}


def _deleted(file: MergedFile) -> MergedFile:
    return MergedFile(file.path, "deleted", None)


def _is_written(root: Path, file: MergedFile) -> bool:
    return file.content is None or file.content != present(root, file.path)


def _broken(root: Path, files: Sequence[MergedFile], kept: Collection[str]) -> Iterator[str]:
    """The files that import a module that is deleted; those that are kept among them."""
    deleted = {each.path for each in files if each.outcome == "deleted"}
    modules = {module_of(path) for path in deleted if path.endswith(".py")}
    if not modules:
        return
    written = {each.path: each.content for each in files if each.content is not None}
    for path in importing(root, modules, {*deleted, *written, *kept}):
        yield path
    for path, content in written.items():
        if path.endswith(".py") and imports_one(content, path, modules):
            yield path
