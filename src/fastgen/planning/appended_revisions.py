"""Writes the revisions that a merge appends to those of a project."""

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fastgen.changes import Change
from fastgen.errors import Refused
from fastgen.migrations.change_tables import Fills, TableChanges, change_revision, slug
from fastgen.migrations.definitions import Alteration, Definition, Difference
from fastgen.migrations.parts import part_names
from fastgen.migrations.revision_bodies import code, is_of_library, with_identifiers
from fastgen.migrations.revisions import (
    FOLDER,
    Revision,
    RevisionFile,
    head,
    revisions_of,
    with_free_id,
)
from fastgen.migrations.tables import Schema, Table
from fastgen.migrations.undo import check_understood, undo_revision


def appended_revisions(
    files: Mapping[str, bytes],
    base: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    fills: Fills,
) -> Iterator[Change]:
    """The revisions for tables that appear, change and go.

    Args:
        files: the revisions of the project.
        base: those of a new project before the change.
        theirs: those of a new project after it.
        fills: the values of existing rows in columns that must not be null.

    Raises:
        Refused: there are several heads, or a table cannot be changed safely.
    """
    present = revisions_of(files)
    last = head(present)
    schema, had, has = Schema(present), Schema(revisions_of(base)), Schema(revisions_of(theirs))
    for one in revisions_of(theirs).values():
        names = [table.name for table in has.tables() if _is_from(table, one)]
        is_new = bool(names) and not any(had.table(name) or schema.table(name) for name in names)
        if is_new or _is_new_of_library(theirs[one.path], files, base):
            new = with_free_id(present, Revision(one.id, last))
            text = with_identifiers(theirs[one.path], new)
            yield Change(one.path.replace(one.id, new.id), text)
            last = new.id
    if changed := _changes(schema, had, has):
        words = _words(changed)
        wanted = _id([words, *(ast.dump(node) for node in _nodes(changed))])
        new = with_free_id(present, Revision(wanted, last))
        text = change_revision(changed, fills, words, new)
        yield Change(f"{FOLDER}/{new.id}_{slug(words)}.py", text)
        last = new.id
    gone = [table for table in had.tables() if not has.table(table.name)]
    if dropped := [*_droppable(schema, gone, changed)]:
        words_of_tables = " and ".join(table.name.replace("_", " ") for table in dropped)
        new = with_free_id(present, Revision(_id(["drop", words_of_tables]), last))
        path = f"{FOLDER}/{new.id}_remove_{slug(dropped[-1].name)}.py"
        yield Change(path, undo_revision(dropped, words_of_tables, new))


def _changes(schema: Schema, had: Schema, has: Schema) -> TableChanges:
    """The changes of tables that are in both, as far as the project has them."""
    added, dropped, altered = [], [], list[Alteration]()
    for table in has.tables():
        before, present = had.table(table.name), schema.table(table.name)
        if before and present:
            old, new = Definition.of(before), Definition.of(table)
            added.append(_without(Difference.between(old, new), present, is_there=False))
            dropped.append(_without(Difference.between(new, old), present, is_there=True))
            altered += Alteration.between(old, new, present)
    return TableChanges([*filter(None, added)], [*filter(None, dropped)], altered)


def _without(difference: Difference, present: Table, *, is_there: bool) -> Difference:
    """The difference without what the project has already, or has not any more."""
    columns, names = present.columns(), part_names(present)
    gone = {name for name in difference.columns if (name in columns) is not is_there}

    def left(parts: Mapping[str, ast.Call]) -> dict[str, ast.Call]:
        return {
            name: node
            for name, node in parts.items()
            if (name in names) is is_there and not (is_there and _mentions(node, gone))
        }

    return replace(
        difference,
        columns={name: node for name, node in difference.columns.items() if name not in gone},
        constraints=left(difference.constraints),
        indexes=left(difference.indexes),
    )


def _mentions(node: ast.AST, names: set[str]) -> bool:
    texts = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
    return not names.isdisjoint(texts)


def _droppable(schema: Schema, gone: Sequence[Table], changed: TableChanges) -> Iterator[Table]:
    """The tables of the project that go, each after those that it refers to.

    Raises:
        Refused: another table refers to one, or a revision changes one in a way that is not known.
    """
    names = [table.name for table in gone]
    for name in names:
        table = schema.table(name)
        if table is None:
            continue
        others = [
            each.name
            for each in schema.tables()
            if each.name not in names and name in _targets(each, changed)
        ]
        if others:
            raise Refused(
                f"The table `{name}` is needed: {', '.join(f'`{each}`' for each in others)} "
                "refers to it by a foreign key.",
                "Drop the foreign key in a revision first.",
            )
        check_understood(schema, name, name, "Drop the table in a revision of your own first.")
        yield table


def _targets(table: Table, changed: TableChanges) -> set[str]:
    """The tables that a table refers to by foreign keys that stay."""
    columns = {
        name for each in changed.dropped if each.table == table.name for name in each.columns
    }
    dropped = {
        part.name for each in changed.altered if each.table == table.name for part in each.dropped
    }
    return {
        each.table
        for each in table.references
        if not {*each.columns} <= columns and each.name not in dropped
    }


def _is_from(table: Table, revision: RevisionFile) -> bool:
    return table.created_in is not None and table.created_in.id == revision.id


def _is_new_of_library(
    content: bytes, files: Mapping[str, bytes], base: Mapping[str, bytes]
) -> bool:
    if not is_of_library(content):
        return False
    return code(content) not in map(code, (*files.values(), *base.values()))


def _words(changes: TableChanges) -> str:
    parts = [
        f"{verb} {_columns(each)} {preposition} {each.table}"
        for verb, preposition, differences in (
            ("add", "to", changes.added),
            ("remove", "from", changes.dropped),
        )
        for each in differences
    ]
    parts += [f"change {each.name} of {each.table}" for each in changes.altered]
    words = " and ".join(parts) if len(parts) < 3 else f"{parts[0]} and other tables"
    return f"{words.replace('_', ' ').capitalize()}."


def _columns(difference: Difference) -> str:
    names = [*difference.columns]
    return " and ".join(names) or "constraints" if len(names) < 3 else f"{len(names)} columns"


def _nodes(changes: TableChanges) -> Iterator[ast.AST]:
    for each in (*changes.added, *changes.dropped):
        yield from (*each.columns.values(), *each.constraints.values(), *each.indexes.values())
    for altered in changes.altered:
        yield from (altered.before, altered.after)


def _id(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
