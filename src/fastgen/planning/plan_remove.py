"""Plans the changes that take a router or a middleware out of a project."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

from fastgen import codemods
from fastgen.changes import Change, EditedLine, Plan
from fastgen.errors import BadInput, Refused
from fastgen.merge import is_unedited
from fastgen.middleware.catalogue import find
from fastgen.middleware.edits import REQUIREMENTS, edited, edits_of, make_files
from fastgen.migrations.revisions import FOLDER, Revision
from fastgen.names.resource_names import ResourceName
from fastgen.planning.drop_table import plan_drop
from fastgen.planning.import_scan import importing, module_of, modules_of
from fastgen.planning.plan_add import files_of
from fastgen.planning.project_tree import Tree, project_tree
from fastgen.project.documents import damaged
from fastgen.project.operations import Operation
from fastgen.project.state import OPERATIONS, State
from fastgen.project.state_files import state_changes
from fastgen.resources.complete import complete
from fastgen.resources.coverage_limit import change_limit
from fastgen.resources.references import operations_before, referring
from fastgen.resources.resource_files import ROUTERS, make_resource_files
from fastgen.source_files import read_source

MODELS = "app/models/"


def plan_removal(root: Path, state: State, operation: Operation, *, force: bool) -> Plan:
    """The changes that take out what an operation has added, and the files that stay.

    Args:
        root: the project.
        state: its state.
        operation: one that it has recorded.
        force: whether files that were edited go too.

    Raises:
        NotAProject: the operation would have files of another one.
        Refused: something else needs it, or a file cannot be edited.
    """
    if operation.kind == "middleware":
        changes, files = _middleware(root, state, operation)
        deleted, kept = _sort_out(root, files, force=force)
    else:
        _check_unneeded(state, operation)
        changes, files, has_table = _router(root, state, operation)
        left = _without(state, operation).operations
        changes += change_limit(root, state.operations, left)
        if force:
            _check_own(root, state, operation, files)
        deleted, kept = _sort_out(root, files, force=force)
        if has_table:
            keeps_model = any(path.startswith(MODELS) for path in kept)
            drop = plan_drop(root, state, operation, keeps_model=keeps_model)
            changes, kept = [*changes, *drop.changes], [*kept, *drop.kept]
    edited_lines = [*_edited_lines(root, changes, _recorded_tree(state))]
    modules = {module_of(path) for path in deleted}
    touched = {*deleted, *(change.path for change in changes)}
    return Plan(
        [
            *(Change(path, None) for path in deleted),
            *changes,
            *state_changes(root, state, _without(state, operation)),
        ],
        kept=kept,
        broken=importing(root, modules, {*touched, *kept}),
        edited_lines=edited_lines,
    )


def _recorded_tree(state: State) -> Tree:
    """The project as it is recorded; empty where a merge has left out what a router refers to."""
    try:
        return project_tree(state)
    except BadInput:
        return {}


def _edited_lines(root: Path, changes: Sequence[Change], made: Tree) -> Iterator[EditedLine]:
    """The lines that go from files that stay, and that fastgen has not written."""
    for change in changes:
        if change.path not in made or change.text is None:
            continue
        known = _without_spaces(made[change.path].decode())
        present = read_source(root, change.path).splitlines()
        for line in Counter(present) - Counter(change.text.splitlines()):
            text = _without_spaces(line)
            if text.rstrip(",") not in known:
                yield EditedLine(change.path, line.strip())


def _without_spaces(text: str) -> str:
    """The text in a form that is the same however lines are wrapped."""
    return "".join(text.split())


def left_of(root: Path, state: State, kind: str, name: str) -> list[str]:
    """The files that something of this name would have, which is not recorded any more."""
    options: dict[str, tuple[str, ...]] = {"fields": ("name:str",)} if kind == "router" else {}
    if kind == "extra":
        return []
    operation = Operation(kind, name, options)
    try:
        paths = files_of(state.with_operation(operation), operation)
    except BadInput:
        return []  # its singular is not known
    return [path for path in paths if (root / path).is_file()]


def _without(state: State, operation: Operation) -> State:
    """The state without an operation, and without the fields that were added to it."""
    for one in state.operations:
        if one.kind == "field" and one.name.partition(".")[0] == operation.name:
            state = state.without(one)
    return state.without(operation)


def _check_unneeded(state: State, operation: Operation) -> None:
    others = [f"`{name}`" for name in referring(operation.name, complete(state.operations))]
    if others:
        raise Refused(
            f"The router `{operation.name}` is needed: {', '.join(others)} refers to it.",
            "Remove what refers to it first.",
        )


def _check_own(root: Path, state: State, operation: Operation, files: Sequence[Change]) -> None:
    """Make sure that no file belongs to the project without the operation."""
    others = project_tree(_without(state, operation))
    for file in files:
        if file.path in others:
            path = root / OPERATIONS / f"{operation.id}.toml"
            raise damaged(path, f"`{file.path}` is not a file of `{operation.name}`")
    # The state may name another singular than that of the files that fastgen wrote.
    singular = ResourceName.of(operation.name, operation.text("singular")).singular
    schemas, imported = f"app/schemas/{singular}.py", _imported_schemas(root, operation.name)
    if imported and schemas not in imported and (root / schemas).is_file():
        raise damaged(
            root / OPERATIONS / f"{operation.id}.toml",
            f"`{schemas}` is not a file of `{operation.name}`, whose router imports"
            f" `{imported[0]}`",
        )


def _imported_schemas(root: Path, router: str) -> list[str]:
    """The modules of schemas that a router imports, as far as they are there."""
    path = f"app/api/v1/{router}.py"
    if not (root / path).is_file():
        return []
    modules = modules_of((root / path).read_bytes(), path)
    paths = (f"{module.replace('.', '/')}.py" for module in sorted(modules))
    return [each for each in paths if each.startswith("app/schemas/") and (root / each).is_file()]


def _sort_out(root: Path, files: Sequence[Change], *, force: bool) -> tuple[list[str], list[str]]:
    """The files to delete, and those that stay because they were edited."""
    deleted: list[str] = []
    kept: list[str] = []
    for file in files:
        path = root / file.path
        if path.is_file():
            is_free = force or is_unedited(file.path, path.read_bytes(), file.content)
            (deleted if is_free else kept).append(file.path)
    return deleted, kept


def _router(
    root: Path, state: State, operation: Operation
) -> tuple[list[Change], list[Change], bool]:
    """The edits, the files that were made, and whether there is a revision besides."""
    every = complete(state.operations)
    whole = next(one for one in every if one.id == operation.id)
    unplaced = Revision(operation.revision_id, None)
    others = operations_before(every, whole)
    made = make_resource_files(whole, state.parts, others, unplaced)
    files = [file for file in made.files if not file.path.startswith(FOLDER)]
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
    return changes, files, len(files) < len(made.files)


def _middleware(
    root: Path, state: State, operation: Operation
) -> tuple[list[Change], list[Change]]:
    addition, patterns = find(operation.name), state.parts
    files = make_files(addition, patterns)
    deleted = {file.path for file in files}
    edits = [
        edit
        for edit in edits_of(addition, patterns)
        if edit.path != REQUIREMENTS or not _is_imported(root, addition.requirements, deleted)
    ]
    plan = edited(partial(read_source, root), edits, lambda edit: edit.remove, "Take these out")
    return [*plan.changes], files


def _is_imported(root: Path, requirements: Collection[str], deleted: Collection[str]) -> bool:
    names = {requirement.partition(">")[0] for requirement in requirements}
    return any(
        modules_of(path.read_bytes(), "") & names
        for path in (root / "app").rglob("*.py")
        if path.is_file() and path.relative_to(root).as_posix() not in deleted
    )
