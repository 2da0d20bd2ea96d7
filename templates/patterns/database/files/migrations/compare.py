"""Additions to autogenerate: check and unique constraints, and the order of dropped tables."""

import re

from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.rewriter import Rewriter
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from alembic.util import DispatchPriority
from sqlalchemy import CheckConstraint, Table
from sqlalchemy.schema import conv

from app.db.columns import Choice

AS_TEXT = {"literal_binds": True, "include_table": False}
_LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w.])-?\d+(?:\.\d+)?")
_NUMBER = re.compile(r"'?-?\d+(?:\.\d+)?'?")
_WORD_OR_CAST = re.compile(r"('(?:[^']|'')*')|::[a-z]+(?: [a-z]+)*(?:\[\])?|`")
_ANY = re.compile(r"= ANY \((\()?ARRAY\[(.*)\](?(1)\))\)")

rewriter = Rewriter()


@rewriter.rewrites(ops.DropIndexOp)
def drop_index(
    context: MigrationContext, _revision: object, index: ops.DropIndexOp
) -> ops.MigrateOperation:
    """Drop a unique constraint as such, which MySQL and MariaDB show as an index."""
    if index.table_name is None or not _is_constraint(context, index.index_name):
        return index
    return ops.DropConstraintOp(conv(str(index.index_name)), index.table_name, type_="unique")


@rewriter.rewrites(ops.CreateIndexOp)
def create_index(
    context: MigrationContext, _revision: object, index: ops.CreateIndexOp
) -> ops.MigrateOperation:
    """Create it again as such, in a downgrade."""
    if not _is_constraint(context, index.index_name):
        return index
    columns = [column.name for column in index.to_index().columns]
    return ops.CreateUniqueConstraintOp(conv(str(index.index_name)), index.table_name, columns)


def _is_constraint(context: MigrationContext, name: str | None) -> bool:
    return context.dialect.name in ("mysql", "mariadb") and str(name).startswith("uq_")


@comparators.dispatch_for("schema", priority=DispatchPriority.LAST)
def drop_tables_last(context: AutogenContext, upgrade: ops.UpgradeOps, _schemas: object) -> None:
    """Drop tables after all else, and those first that refer to others, as servers demand."""
    if context.inspector is None:
        return
    names = [name for name, _ in context.inspector.get_sorted_table_and_fkc_names()]

    def place(operation: ops.MigrateOperation) -> int:
        if not isinstance(operation, ops.DropTableOp):
            return -len(names)
        return -names.index(operation.table_name)

    upgrade.ops.sort(key=place)


@comparators.dispatch_for("table")
def compare_check_constraints(
    context: AutogenContext,
    modified: ops.ModifyTableOps,
    schema: str | None,
    name: str,
    existing_table: Table | None,
    table: Table | None,
) -> None:
    """Find constraints that were added, changed or removed: the words of a choice, a limit."""
    if existing_table is None or table is None or context.inspector is None:
        return
    found = context.inspector.get_check_constraints(name, schema=schema)
    existing = {str(each["name"]): each["sqltext"] for each in found if each["name"]}
    for constraint in table.constraints:
        if not isinstance(constraint, CheckConstraint) or not isinstance(constraint.name, str):
            continue
        # Servers limit the length of names: a long one has another end there.
        shown = context.dialect.identifier_preparer.format_constraint(constraint, False)
        key, before = conv(constraint.name), existing.pop(str(shown), None)
        text = str(constraint.sqltext.compile(dialect=context.dialect, compile_kwargs=AS_TEXT))
        if before is not None:
            if sorted(literals(before)) == sorted(literals(text)):
                continue
            modified.ops.append(_drop(key, name, _as_it_was(text, literals(before))))
        modified.ops.append(ops.CreateCheckConstraintOp(key, name, text))
    for removed, text in existing.items():
        if removed.startswith(f"ck_{name}_"):  # MariaDB has constraints of its own for JSON
            modified.ops.append(_drop(conv(removed), name, _for_each_server(text)))
    for operation in modified.ops:
        if isinstance(operation, ops.AddColumnOp) and isinstance(operation.column.type, Choice):
            choice = operation.column.type  # its constraint is an operation of its own
            operation.column.type = Choice(*choice.enums, name=choice.name, create_constraint=False)


def literals(text: str) -> list[str]:
    """The words and numbers of a constraint: each server formats the rest in its own way."""
    found = _LITERAL.findall(text.replace("\\'", "'"))
    return [_plain(one) if _NUMBER.fullmatch(one) else one for one in found]


def _plain(number: str) -> str:
    """A number without quotes and without zeros at its end, which differ by server."""
    whole, _, digits = number.strip("'").partition(".")
    digits = digits.rstrip("0")
    return f"{whole}.{digits}" if digits else whole


def _as_it_was(text: str, before: list[str]) -> str:
    """The constraint with its literals of before, in the form that each server understands."""
    head, is_choice, _ = text.partition(" IN (")
    if is_choice:
        return f"{head} IN ({', '.join(before)})"
    remaining = iter(before)
    return _LITERAL.sub(lambda literal: next(remaining, literal[0]), text)


def _for_each_server(text: str) -> str:
    """A constraint without the casts and quotes that only one server understands."""
    plain = _WORD_OR_CAST.sub(lambda found: found[1] or "", text)
    return _ANY.sub(r"IN (\2)", plain)


def _drop(key: conv, table: str, text: str) -> ops.DropConstraintOp:
    reverse = ops.CreateCheckConstraintOp(key, table, text)
    return ops.DropConstraintOp(key, table, type_="check", _reverse=reverse)
