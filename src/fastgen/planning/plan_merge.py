"""Plans how a project changes from one state to another, with what people have edited."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from fastgen.changes import Change, Conflicted, Plan, ReportedLine
from fastgen.errors import Refused
from fastgen.git_index import check_checked_out
from fastgen.merge import MergedFile, line_of_conflict, merge_trees
from fastgen.migrations.revisions import FOLDER
from fastgen.planning.fills import fills_of
from fastgen.planning.import_scan import importing, imports_of
from fastgen.planning.overlays_of_sides import with_overlays
from fastgen.planning.plan_revisions import plan_revisions
from fastgen.planning.project_tree import Tree, project_tree, revision_files
from fastgen.planning.removed_names import (
    removed_modules,
    removed_names,
    removed_requirements,
)
from fastgen.planning.row_values import row_values
from fastgen.planning.sides import Side
from fastgen.planning.used_imports import with_used_imports
from fastgen.planning.working_tree import missing_files, places_of_new_files, present, renamed_files
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
        Refused: names conflict, or a file or a table cannot be changed safely.
    """
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
        loses_database="database" in {*before.answers.patterns} - {*after.answers.patterns},
    )
    base, theirs = _without_revisions(base), _without_revisions(theirs)
    left: list[str] = []
    if revisions.kept:
        # Revisions need what runs them.
        needed = {path: base[path] for path in base if path.startswith(MIGRATIONS)}
        left = [path for path in needed if path not in theirs and present(root, path) is not None]
        theirs = {**theirs, **needed}
    places = places_of_new_files(root, base, theirs)
    theirs = {places.get(path, path): content for path, content in theirs.items()}
    moves = {path: places.get(new, new) for path, new in (moves or {}).items()}
    missing = missing_files(root, base, theirs)
    check_checked_out(root, missing)
    renames = renamed_files(root, missing, {*base, *theirs})
    merged = [*merge_trees(base, theirs, partial(present, root), renames, moves)]
    _check_resolved(root, merged)
    kept = [each.path for each in merged if each.outcome == "kept"]
    if force:
        merged = [_deleted(each) if each.outcome == "kept" else each for each in merged]
    files = [each for each in merged if each.outcome != "kept"]
    files, broken = _with_imports(root, base, theirs, files, kept)
    written = {each.path for each in revisions.changes}
    changes = [
        *(Change.of(each.path, each.content) for each in files if _is_written(root, each)),
        *revisions.changes,
        *state_changes(root, before, after),
    ]
    return Plan(
        changes,
        kept=[*([] if force else kept), *left, *revisions.kept],
        broken=[
            each
            for each in broken
            if each.path not in written
            and not (revisions.kept and each.path.startswith(MIGRATIONS))
        ],
        conflicts=[
            Conflicted(
                each.path, each.base, present(root, each.moved_from or each.path), each.theirs
            )
            for each in files
            if each.outcome == "conflict"
        ],
        patterns=after.answers.patterns,
        row_values=[
            value
            for each in revisions.changes
            if each.text is not None
            for value in row_values(each.text)
        ],
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


def _with_imports(
    root: Path, base: Tree, theirs: Tree, files: Sequence[MergedFile], kept: Collection[str]
) -> tuple[list[MergedFile], list[ReportedLine]]:
    """The files with the imports that people use, and the imports of what is removed.

    Args:
        root: the project.
        base: the files that fastgen made before.
        theirs: those that it makes now.
        files: the merged ones.
        kept: files that stay, and that are reported as such.
    """

    def ours(file: MergedFile) -> bytes:
        return present(root, file.moved_from or file.path) or b""

    removed = removed_modules(files) | removed_requirements(base, theirs, files)
    names = {*removed_names(files, ours)}
    found = [with_used_imports(each, ours(each), removed | names) for each in files]
    files = [file for file, _ in found]
    removed |= names & {*removed_names(files, ours)}  # less those that are imported again
    skipped = {*kept, *(each.path for each in files)}
    broken = [
        *importing(root, removed, skipped),
        *(each for _, lines in found for each in lines),
        *(
            each
            for file in files
            if file.path.endswith(".py") and file.content is not None
            for each in imports_of(file.content, file.path, removed)
        ),
    ]
    return files, sorted(broken, key=lambda each: (each.path, each.line))
