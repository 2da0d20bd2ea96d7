"""What taking something out of a project changes, worked out whole before anything is written."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from fastgen import codemods
from fastgen.changes import Change, Plan
from fastgen.errors import Refused
from fastgen.middleware.catalogue import find
from fastgen.middleware.edits import REQUIREMENTS, edited, edits_of, make_files
from fastgen.migrations import revisions
from fastgen.migrations.revisions import Revision
from fastgen.names.resource import ResourceName
from fastgen.planning.import_scan import importing, module_of, modules_of
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.project.state_files import state_changes
from fastgen.resources.references import referring
from fastgen.resources.resource_files import (
    ROUTERS,
    ResourceFiles,
    make_removal_revision,
    make_resource_files,
)
from fastgen.source_files import read_source

IsCommitted = Callable[[Path, str], bool]
"""Whether a file, by its path below a folder, is in the history of the project."""


def plan_removal(
    root: Path, state: State, operation: Operation, *, force: bool, is_committed: IsCommitted
) -> Plan:
    """The changes that take out what an operation has added, and what stays.

    Args:
        root: the project.
        state: what it says of itself.
        operation: one of those that it has recorded.
        force: whether files that were edited go too.
        is_committed: tells whether a revision may be deleted.

    Raises:
        Refused: something else needs it, or there is no telling what to take out of a file.
    """
    if operation.kind == "middleware":
        changes, made = _middleware(root, state, operation)
    else:
        _check_unneeded(state, operation)
        changes, made = _router(root, state, operation, is_committed)
    gone, kept = _sorted_out(root, made, force=force)
    modules = {module_of(path) for path in gone}
    touched = {*gone, *(change.path for change in changes)}
    return Plan(
        [
            *(Change(path, None) for path in gone),
            *changes,
            *state_changes(root, state, state.without(operation)),
        ],
        kept=kept,
        broken=[path for path in importing(root, modules, touched) if path not in kept],
    )


def _check_unneeded(state: State, operation: Operation) -> None:
    others = [f"`{name}`" for name in referring(operation.name, state.operations)]
    if others:
        raise Refused(
            f"The router `{operation.name}` is needed: {', '.join(others)} refers to it.",
            "Remove what refers to it first.",
        )


def _sorted_out(root: Path, made: Sequence[Change], *, force: bool) -> tuple[list[str], list[str]]:
    """The files that go, and those that stay because they were edited."""
    gone: list[str] = []
    kept: list[str] = []
    for file in made:
        path = root / file.path
        if path.is_file():
            same = path.read_bytes().replace(b"\r\n", b"\n") == (file.text or "").encode()
            (gone if same or force else kept).append(file.path)
    return gone, kept


def _router(
    root: Path, state: State, operation: Operation, is_committed: IsCommitted
) -> tuple[list[Change], list[Change]]:
    """What changes besides, and the files that were made."""
    made = _made(state, operation, Revision(operation.revision_id, None))
    files = [file for file in made.files if not file.path.startswith(revisions.FOLDER)]
    source = before = read_source(root, ROUTERS)
    for router in made.routers:
        match codemods.exclude_router(source, module=router["module"]):
            case codemods.Edited(text):
                source = text
            case codemods.CannotEdit(reason, paste):
                raise Refused(
                    f"`{ROUTERS}` cannot be edited: {reason}.",
                    f"Take these out, then run the command again: {paste}.",
                )
            case codemods.AlreadyThere():
                pass
    changes = [Change(ROUTERS, source)] if source != before else []
    if len(files) < len(made.files):
        changes += _revision(root, state, operation, is_committed)
    return changes, files


def _made(state: State, operation: Operation, revision: Revision) -> ResourceFiles:
    earlier = state.operations[: state.operations.index(operation)]
    return make_resource_files(operation, state.answers.patterns, earlier, revision)


def _revision(
    root: Path, state: State, operation: Operation, is_committed: IsCommitted
) -> Iterator[Change]:
    """Delete the revision that made the table if nobody can have followed it, else add another."""
    plural = ResourceName.of(operation.name, operation.text("singular")).plural
    known = revisions.revisions(root)
    head = revisions.head(root, known)
    current = head
    while current is not None and not known[current].path.name.endswith(f"_add_{plural}.py"):
        if known[current].path.name.endswith(f"_remove_{plural}.py"):
            return
        current = next(iter(known[current].before), None)
    if current is None:
        return
    step = known[current]
    path = step.path.relative_to(root).as_posix()
    made = _made(state, operation, Revision(current, next(iter(step.before), None)))
    unedited = Change(path, step.path.read_bytes().decode().replace("\r\n", "\n")) in made.files
    if current == head and unedited and not is_committed(root, path):
        yield Change(path, None)
        return
    earlier = state.operations[: state.operations.index(operation)]
    following = revisions.following(root, revisions.undoing(operation.revision_id))
    yield from make_removal_revision(operation, state.answers.patterns, earlier, following)


def _middleware(
    root: Path, state: State, operation: Operation
) -> tuple[list[Change], list[Change]]:
    addition, patterns = find(operation.name), state.answers.patterns
    files = make_files(addition, patterns)
    gone = {file.path for file in files}
    edits = [
        edit
        for edit in edits_of(addition, patterns)
        if edit.path != REQUIREMENTS or not _is_imported(root, addition.requirements, gone)
    ]
    return [*edited(root, edits, lambda edit: edit.remove, "Take these out").changes], files


def _is_imported(root: Path, requirements: Collection[str], gone: Collection[str]) -> bool:
    names = [requirement.partition(">")[0] for requirement in requirements]
    others = (path for path in (root / "app").rglob("*.py"))
    return any(
        modules_of(path.read_bytes(), "") & {*names}
        for path in others
        if path.relative_to(root).as_posix() not in gone
    )
