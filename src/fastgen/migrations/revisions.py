"""The graph of a project's Alembic revisions: the head, and the revision that comes next."""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from fastgen.errors import Refused
from fastgen.migrations.locations import revision_folders
from fastgen.source_files import NOT_PARSED

FOLDER = "migrations/versions"
IDENTIFIERS = ("revision", "down_revision", "depends_on")


@dataclass(frozen=True, slots=True)
class Revision:
    """The identifiers of a revision that is written."""

    id: str
    down_revision: str | None

    def literals(self) -> dict[str, str]:
        """The values for a template."""
        down_revision = "None" if self.down_revision is None else f'"{self.down_revision}"'
        return {"revision": self.id, "down_revision": down_revision}


@dataclass(frozen=True, slots=True)
class RevisionFile:
    """A revision of the project."""

    id: str
    down_revisions: tuple[str, ...]
    depends_on: tuple[str, ...]
    path: str
    """Relative to the root of the project."""
    tree: ast.Module


Revisions = Mapping[str, RevisionFile]
"""By their identifiers, each after those that it follows."""


def read_revisions(root: Path) -> Revisions:
    """The revisions of a project.

    Raises:
        Refused: a file cannot be read, or the revisions are not a graph.
    """
    paths = {path for folder in revision_folders(root, FOLDER) for path in folder.rglob("*.py")}
    files = {path.relative_to(root).as_posix(): path for path in paths if path.is_file()}
    return revisions_of({name: path.read_bytes() for name, path in files.items()})


def revisions_of(files: Mapping[str, bytes]) -> Revisions:
    """The revisions in these files, by the paths of the files in a project.

    Raises:
        Refused: a file cannot be read, or the revisions are not a graph.
    """
    found: dict[str, RevisionFile] = {}
    for name, content in sorted(files.items()):
        revision = _read(content, name)
        if revision is None:
            continue
        if revision.id in found:
            raise Refused(
                f"`{revision.path}` and `{found[revision.id].path}` are both the revision "
                f"`{revision.id}`.",
                "Delete one of them.",
            )
        found[revision.id] = revision
    return _sorted(found)


def head(revisions: Revisions) -> str | None:
    """The revision that no other follows, or None if there are no revisions.

    Raises:
        Refused: there are several.
    """
    followed = {before for revision in revisions.values() for before in revision.down_revisions}
    heads = sorted(revisions.keys() - followed)
    if len(heads) > 1:
        names = f"{', '.join(f'`{name}`' for name in heads[:-1])} and `{heads[-1]}`"
        raise Refused(
            f"The migrations have {'two' if len(heads) == 2 else len(heads)} heads: {names}.",
            'Join them with `alembic merge heads -m "merge heads"`, then run the command again.',
        )
    return heads[0] if heads else None


def descendants(revisions: Revisions, revision: str) -> set[str]:
    """The revision, and all that follow it."""
    found = {revision}
    for each in revisions.values():
        if found & {*each.down_revisions, *each.depends_on}:
            found.add(each.id)
    return found


def next_revision(root: Path, wanted: str) -> Revision:
    """The revision after the head. Its identifier is `wanted`, or another one if that is taken.

    Raises:
        Refused: a file cannot be read, or there are several heads.
    """
    revisions = read_revisions(root)
    return with_free_id(revisions, Revision(wanted, head(revisions)))


def with_free_id(revisions: Revisions, wanted: Revision) -> Revision:
    """The identifiers of a new revision, another one than `wanted` if that is taken."""
    if wanted.id not in revisions:
        return wanted
    again = _digest(f"{wanted.id} after {wanted.down_revision}", len(wanted.id))
    return Revision(again, wanted.down_revision)


def undo_id(revision: str) -> str:
    """The identifier of the revision that undoes another one."""
    return _digest(f"{revision} undone", len(revision))


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _sorted(found: Mapping[str, RevisionFile]) -> Revisions:
    graph = {
        revision.id: [*revision.down_revisions, *revision.depends_on] for revision in found.values()
    }
    for revision, parents in graph.items():
        if missing := [parent for parent in parents if parent not in found]:
            raise Refused(
                f"`{found[revision].path}` follows the revision `{missing[0]}`, which is missing.",
                "Restore it from version control.",
            )
    try:
        return {revision: found[revision] for revision in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise Refused(
            f"The revisions `{'`, `'.join(error.args[1])}` follow each other.",
            "Correct their `down_revision`.",
        ) from None


def _read(content: bytes, name: str) -> RevisionFile | None:
    """The revision in a file, if there is one."""
    try:
        tree = ast.parse(content)
    except NOT_PARSED as error:
        raise Refused(f"`{name}` is not valid Python: {error}.", "Correct it first.") from None
    values: dict[str, object] = {}
    for statement in tree.body:
        computed: ast.AST
        match statement:
            case ast.Assign(targets=targets, value=computed) if all(
                isinstance(target, ast.Name) for target in targets
            ):
                names = {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=identifier), value=ast.expr() as computed):
                names = {identifier}
            case _:
                names, computed = {*_bound(statement)}, statement
        for identifier in names.intersection(IDENTIFIERS):
            try:
                values[identifier] = _literal(computed)
            except (ValueError, TypeError):
                raise Refused(
                    f"`{name}`, line {statement.lineno}: `{identifier}` is computed.",
                    "Write its value there.",
                ) from None
    if not isinstance(values.get("revision"), str):
        if any("upgrade" in _bound(statement) for statement in tree.body):
            raise Refused(
                f"`{name}` has an `upgrade`, but no `revision` that can be read.",
                'Write it there, as `revision = "..."`.',
            )
        return None
    down_revisions, depends_on = (
        _texts(values.get("down_revision")),
        _texts(values.get("depends_on")),
    )
    return RevisionFile(str(values["revision"]), down_revisions, depends_on, name, tree)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple | list | set):
        return tuple(map(str, value))
    return () if value is None else (str(value),)


def _literal(node: ast.AST) -> object:
    if not isinstance(node, ast.expr):
        raise TypeError("it is not an expression")
    return ast.literal_eval(node)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement may give a value."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name):
                yield name
            case ast.alias(name=name, asname=alias):
                yield alias or name
