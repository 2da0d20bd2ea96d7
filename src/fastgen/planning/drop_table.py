"""Plans what happens to the table of a router that is removed, and to its revisions."""

import ast
from pathlib import Path

from fastgen.changes import Change, Plan
from fastgen.errors import Refused
from fastgen.git import may_be_committed
from fastgen.migrations.databases import may_be_applied
from fastgen.migrations.revisions import (
    FOLDER,
    Revision,
    RevisionFile,
    head,
    next_revision,
    read_revisions,
    undo_id,
)
from fastgen.migrations.tables import Schema
from fastgen.migrations.undo import check_understood, undo_revision
from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.resources.references import operations_before
from fastgen.resources.resource_files import make_resource_files
from fastgen.source_files import NOT_PARSED


def plan_drop(root: Path, state: State, operation: Operation, *, keeps_model: bool) -> Plan:
    """Delete the revision that creates the table, or add one that drops the table.

    A revision is deleted only if it is the head, as it was made, in no commit, and applied to no
    database. While the model stays, so do its table and its revision.

    Raises:
        Refused: there are several heads, another table refers to the table, another file may
            have a model of it, or a revision changes it in a way that cannot be undone.
    """
    name = ResourceName.of(operation.name, operation.text("singular"))
    revisions = read_revisions(root)
    last = head(revisions)
    schema = Schema(revisions)
    table = schema.table(_present_name(root, schema, name))
    created_in = table.created_in if table else None
    if keeps_model:
        return Plan(kept=[created_in.path] if created_in else [])
    if table and (others := schema.referring(table.name)):
        raise Refused(
            f"The table `{table.name}` is needed: {', '.join(f'`{other}`' for other in others)} "
            "refers to it by a foreign key.",
            "Drop the foreign key in a revision first.",
        )
    if table and (other := _other_model(root, table.name, name)):
        raise Refused(
            f"`{other}` may have a model of the table `{table.name}`, which would be dropped.",
            f"Delete the model there, or move it to `{_model_path(name)}` to keep the table.",
        )
    if (
        created_in
        and created_in.id == last
        and _is_unedited(root, state, operation, created_in)
        and not may_be_committed(root / created_in.path)
        and not may_be_applied(root, created_in.id, revisions)
    ):
        return Plan([Change(created_in.path, None)])
    words = name.plural.replace("_", " ")
    check_understood(
        schema,
        table.name if table else name.plural,
        name.model,
        f"Delete `{_model_path(name)}`, run `alembic revision --autogenerate "
        f'-m "remove {words}"`, then run the command again.',
    )
    if table is None:
        return Plan()
    new = next_revision(root, undo_id(operation.revision_id))
    path = f"{FOLDER}/{new.id}_remove_{name.plural}.py"
    return Plan([Change(path, undo_revision([table], words, new))])


def _present_name(root: Path, schema: Schema, name: ResourceName) -> str:
    """The table of the model: it may have been renamed."""
    model = root / _model_path(name)
    renamed = schema.new_name(name.plural)
    text = model.read_bytes() if model.is_file() else b""
    if renamed and any(f"{quote}{renamed}{quote}".encode() in text for quote in "\"'"):
        return renamed
    return name.plural


def _model_path(name: ResourceName) -> str:
    return f"app/models/{name.singular}.py"


def _other_model(root: Path, table: str, name: ResourceName) -> str | None:
    """Another file of models that names a table."""
    for path in sorted((root / "app" / "models").rglob("*.py")):
        if path == root / _model_path(name) or not path.is_file():
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, *NOT_PARSED):
            return path.relative_to(root).as_posix()
        relationships = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg in ("back_populates", "backref")
        }
        if any(
            isinstance(node, ast.Constant) and node.value == table and id(node) not in relationships
            for node in ast.walk(tree)
        ):
            return path.relative_to(root).as_posix()
    return None


def _is_unedited(root: Path, state: State, operation: Operation, revision: RevisionFile) -> bool:
    before = next(iter(revision.down_revisions), None)
    earlier = operations_before(state.operations, operation)
    place = Revision(revision.id, before)
    made = make_resource_files(operation, state.parts, earlier, place)
    content = (root / revision.path).read_bytes().replace(b"\r\n", b"\n")
    return Change(revision.path, content.decode("utf-8", "replace")) in made.files
