"""Writes the revision that changes tables, which may have rows."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fastgen.errors import Refused
from fastgen.migrations.definitions import (
    Alteration,
    Difference,
    default_of,
    is_required,
    plain_type,
)
from fastgen.migrations.fill_values import fill_value
from fastgen.migrations.imports import Import, import_block
from fastgen.migrations.parts import called, column_type, option, table_part, target_of
from fastgen.migrations.python_text import statement_lines
from fastgen.migrations.revision_text import revision_text
from fastgen.migrations.revisions import Revision

Fills = Mapping[tuple[str, str], str]
"""By table and column: the value of existing rows as code, or statements with `op.execute`."""

_KNOWN = {
    name: Import(module, name)
    for module, names in (
        ("alembic", "op"),
        ("datetime", "date datetime"),
        ("decimal", "Decimal"),
        ("sqlalchemy", "String cast column exists func select table text"),
        ("uuid", "UUID"),
        ("app.db.columns", "Choice Exact Id Timestamp long_text short_text"),
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class TableChanges:
    """Parts of tables that are added, dropped or altered."""

    added: Sequence[Difference] = ()
    dropped: Sequence[Difference] = ()
    altered: Sequence[Alteration] = ()

    def __bool__(self) -> bool:
        return any(self.added) or any(self.dropped) or any(self.altered)


def change_revision(changes: TableChanges, fills: Fills, title: str, revision: Revision) -> str:
    """The text of a revision.

    A column that must not be null is added in three steps: it may be null, existing rows get a
    value, and it must not be null.

    Args:
        changes: of the tables.
        fills: the values of existing rows, where they are known.
        title: the first line of its docstring.
        revision: its identifiers.

    Raises:
        Refused: there is no value for existing rows.
    """
    upgrade = [*_statements(_added, changes.added, fills)]
    upgrade += [line for each in changes.altered for line in _altered(each, fills)]
    upgrade += [*_statements(_dropped, changes.dropped, fills)]
    # Where no value fits all rows, a column that went comes back to a table without rows only.
    downgrade = [*_statements(partial(_added, must_fill=False), changes.dropped[::-1], fills)]
    for altered in changes.altered[::-1]:
        downgrade += _altered(altered.reversed(), fills)
    downgrade += [*_statements(_dropped, changes.added[::-1], fills)]
    return revision_text(
        title,
        import_block(
            _imports([*changes.added, *changes.dropped, *changes.altered], [*upgrade, *downgrade])
        ),
        revision,
        upgrade=[line for each in upgrade for line in _lines(each)],
        downgrade=[line for each in downgrade for line in _lines(each)],
    )


def _statements(
    write: Callable[[Difference, Fills], Iterator[str]],
    differences: Sequence[Difference],
    fills: Fills,
) -> Iterator[str]:
    for each in differences:
        yield from write(each, fills)


def _lines(statements: str) -> Iterator[str]:
    """The lines of statements: formatted, but for those that a template has formatted."""
    if statements.startswith("op.execute(\n"):
        yield from (f"    {line}" for line in statements.rstrip("\n").split("\n"))
        return
    for node in ast.parse(statements).body:
        yield from statement_lines(node)


def _added(each: Difference, fills: Fills, *, must_fill: bool = True) -> Iterator[str]:
    required = {name: node for name, node in each.columns.items() if is_required(node)}
    yield from _batch(
        each.table, [f"add_column({ast.unparse(_first(node))})" for node in each.columns.values()]
    )
    for name, node in required.items():
        yield from _filled(each, name, node, fills, must_fill=must_fill)
    later = []
    for name, node in each.columns.items():
        if name in required:
            kind = ast.unparse(column_type(node))
            later.append(f"alter_column({name!r}, existing_type={kind}, nullable=False)")
        if option(node, "unique"):
            key = f"uq_{each.table}_{name}"
            later.append(f"create_unique_constraint(op.f({key!r}), [{name!r}])")
    later += [table_part(each.table, node).create for node in each.constraints.values()]
    yield from _batch(each.table, later)
    for name in filter(lambda name: option(each.columns[name], "index"), each.columns):
        key = f"ix_{each.table}_{name}"
        yield f"op.create_index(op.f({key!r}), {each.table!r}, [{name!r}])"
    yield from (ast.unparse(node) for node in each.indexes.values())


def _dropped(each: Difference, _fills: Fills) -> Iterator[str]:
    """The statements that drop parts: MySQL keeps an index that a foreign key needs until then."""
    calls = [table_part(each.table, node).drop(each.table) for node in each.constraints.values()]
    for name, node in each.columns.items():
        if called(column_type(node)) == "Choice":
            calls.append(f"drop_constraint(op.f('ck_{each.table}_{name}'), type_='check')")
        if option(node, "unique"):
            calls.append(f"drop_constraint(op.f('uq_{each.table}_{name}'), type_='unique')")
        if target_of(node):
            calls.append(f"drop_constraint(op.f('fk_{each.table}_{name}'), type_='foreignkey')")
    own = [name for name, node in each.columns.items() if option(node, "index")]
    indexes = [*each.indexes, *(f"ix_{each.table}_{name}" for name in own)]
    calls += [f"drop_index(op.f({index!r}))" for index in indexes]
    calls += [f"drop_column({name!r})" for name in each.columns]
    yield from _batch(each.table, calls)


def _altered(each: Alteration, fills: Fills) -> Iterator[str]:
    """The statements that change a column, an index or a constraint."""
    yield from (part.drop(each.table) for part in each.dropped if part.kind == "index")
    calls = [part.drop(each.table) for part in each.dropped if part.kind != "index"]
    if each.is_of_column:
        yield from _filled_where_null(each, fills)
        calls += _altered_column(each)
    calls += [part.create for part in each.created if part.kind != "index"]
    yield from _batch(each.table, calls)
    yield from (part.create for part in each.created if part.kind == "index")


def _filled_where_null(each: Alteration, fills: Fills) -> Iterator[str]:
    """Rows without a value get one, if the column must not be null any more."""
    if not is_required(each.after) or is_required(each.before):
        return
    value = fills.get((each.table, each.name)) or fill_value(each.after, [])
    if value is None:
        raise Refused(
            f"There is no value of `{each.name}` for the rows that `{each.table}` may have.",
            f"Fill the column `{each.name}` in a revision of your own first.",
        )
    column = f"column({each.name!r}, {plain_type(each.before)})"
    yield (
        f"op.execute(table({each.table!r}, {column}).update()"
        f".where({column}.is_(None)).values({each.name}={value}))"
    )


def _altered_column(each: Alteration) -> Iterator[str]:
    before, after = plain_type(each.before), plain_type(each.after)
    default = default_of(each.after)
    is_same = is_required(each.before) is is_required(each.after)
    changes = []
    if before != after:
        changes.append(f"type_={after}")
    if not is_same:
        changes.append(f"nullable={not is_required(each.after)}")
    elif before != after or default != default_of(each.before):
        changes.append(f"existing_nullable={not is_required(each.after)}")
    if default != default_of(each.before):
        changes.append(f"server_default={default}")
    if changes:
        yield f"alter_column({', '.join([repr(each.name), f'existing_type={before}', *changes])})"


def _batch(table: str, calls: Sequence[str]) -> Iterator[str]:
    if calls:
        lines = [f"    batch.{call}" for call in calls]
        yield "\n".join([f"with op.batch_alter_table({table!r}) as batch:", *lines])


def _first(column: ast.Call) -> ast.Call:
    """The column as it is added: without an index, and if it must not be null, it may be so now.

    It is not unique yet: on SQLite, Alembic would make the constraint twice, once without a name.
    """
    later = ("index", "nullable", "unique") if is_required(column) else ("index", "unique")
    left = [each for each in column.keywords if each.arg not in later]
    return ast.Call(column.func, column.args, left)


def _filled(
    each: Difference, name: str, column: ast.Call, fills: Fills, *, must_fill: bool
) -> Iterator[str]:
    value = fills.get((each.table, name)) or fill_value(column, [*each.constraints.values()])
    if value is None and not must_fill:
        return
    if value is None:
        raise Refused(
            f"There is no value of `{name}` for the rows that `{each.table}` may have.",
            "Make the field `optional`, or give it a default.",
        )
    if "op.execute" in value:
        yield value
        return
    kind = ast.unparse(column_type(column))
    yield (
        f"op.execute(table({each.table!r}, column({name!r}, {kind}))"
        f".update().values({name}={value}))"
    )


def _imports(
    differences: Sequence[Difference | Alteration], statements: Sequence[str]
) -> Iterator[Import]:
    known = _KNOWN | {one.binds: one for each in differences for one in each.imports}
    trees = [ast.parse(each) for each in statements]
    names = {part.id for each in trees for part in ast.walk(each) if isinstance(part, ast.Name)}
    used = names | {"op"}
    yield from (known[name] for name in sorted(used & known.keys()))


def slug(words: str) -> str:
    """A part of a file name."""
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
