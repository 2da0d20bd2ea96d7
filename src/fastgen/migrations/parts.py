"""The indexes and constraints of a table, by the names that a project's convention gives them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastgen.errors import Refused
from fastgen.migrations.op_calls import text_of
from fastgen.migrations.tables import Table

CHOICE_LENGTH = "64"
"""The default length of the column of a choice."""


@dataclass(frozen=True, slots=True)
class Part:
    """An index or a constraint, and what makes and drops it."""

    name: str
    kind: str
    """`index`, or the type of a constraint: `check`, `foreignkey`, `unique`."""
    create: str
    """A statement for an index, a call of a batch for a constraint."""

    def drop(self, table: str) -> str:
        if self.kind == "index":
            return f"op.drop_index(op.f({self.name!r}), table_name={table!r})"
        return f"drop_constraint(op.f({self.name!r}), type_={self.kind!r})"


def column_parts(table: str, column: ast.Call) -> Iterator[Part]:
    """The index and the constraints that a column declares itself.

    Raises:
        Refused: a choice has words that cannot be read.
    """
    name = text_of(column.args[0]) or ""
    if option(column, "index"):
        key = f"ix_{table}_{name}"
        yield Part(key, "index", f"op.create_index(op.f({key!r}), {table!r}, [{name!r}])")
    if option(column, "unique"):
        yield _unique(f"uq_{table}_{name}", [name])
    for foreign_key in foreign_keys(column):
        yield _foreign_key(f"fk_{table}_{name}", name, foreign_key)
    kind = column_type(column)
    if not isinstance(kind, ast.Call) or called(kind) != "Choice":
        return
    if option(kind, "create_constraint") is not False:
        yield _choice(table, name, kind)


def table_part(table: str, constraint: ast.Call) -> Part:
    """A constraint that is declared beside the columns.

    Raises:
        Refused: it is of a kind that fastgen does not know.
    """
    match called(constraint):
        case "at_least" | "at_most":
            return _limit(table, constraint)
        case "UniqueConstraint":
            columns = [text_of(each) or "" for each in constraint.args]
            return _unique(_name(constraint) or f"uq_{table}_{'_'.join(columns)}", columns)
    raise Refused(
        f"The table `{table}` has a constraint that fastgen cannot migrate: "
        f"`{ast.unparse(constraint)}`.",
        "Change the table in a revision of your own.",
    )


def index_part(_table: str, index: ast.Call) -> Part:
    """An index that `op.create_index` makes."""
    return Part(text_of(index.args[0]) or "", "index", ast.unparse(index))


def part_names(table: Table) -> set[str]:
    """The names of the indexes and constraints that the statements of a table leave there."""
    names: set[str] = set()
    for call in (call for step in table.steps for call in step.calls):
        match call.function:
            case "create_table":
                names = {*_inline_names(table.name, call.node.args[1:])}
            case "add_column" if isinstance(column := call.argument(1, "column"), ast.Call):
                names |= {*_inline_names(table.name, [column])}
            case "drop_index" | "drop_constraint":
                names -= {call.object_name or ""}
            case _ if call.object_name:
                names |= {call.object_name}
    return names


def _inline_names(table: str, parts: Sequence[ast.expr]) -> Iterator[str]:
    for part in parts:
        try:
            match called(part):
                case "Column" if isinstance(part, ast.Call):
                    yield from (each.name for each in column_parts(table, part))
                case "Index" if isinstance(part, ast.Call) and part.args:
                    yield text_of(part.args[0]) or ""
                case _ if isinstance(part, ast.Call):
                    yield _name(part) or table_part(table, part).name
        except Refused:
            continue


def _unique(name: str, columns: Sequence[str]) -> Part:
    return Part(name, "unique", f"create_unique_constraint(op.f({name!r}), {[*columns]!r})")


def _foreign_key(name: str, column: str, key: ast.Call) -> Part:
    table, _, target = (text_of(key.args[0]) or "").rpartition(".")
    name = _name(key) or name
    options = [
        f"{each.arg}={ast.unparse(each.value)}" for each in key.keywords if each.arg != "name"
    ]
    arguments = [f"op.f({name!r})", repr(table), f"[{column!r}]", f"[{target!r}]", *options]
    return Part(name, "foreignkey", f"create_foreign_key({', '.join(arguments)})")


def _choice(table: str, column: str, kind: ast.Call) -> Part:
    words = [text_of(each) for each in kind.args]
    name = f"ck_{table}_{_name(kind) or column}"
    if None in words:
        raise Refused(
            f"The words of the column `{column}` of the table `{table}` cannot be read.",
            "Write them into the revision, as texts.",
        )
    condition = f"column({column!r}, String({CHOICE_LENGTH})).in_({words!r})"
    return Part(name, "check", f"create_check_constraint(op.f({name!r}), {condition})")


def _limit(table: str, constraint: ast.Call) -> Part:
    """`at_least("total", BigInteger(), 0)` as a check constraint."""
    column, kind, limit = map(ast.unparse, constraint.args)
    sign, ending = {"at_least": (">=", "min"), "at_most": ("<=", "max")}[called(constraint)]
    name = f"ck_{table}_{ast.literal_eval(constraint.args[0])}_{ending}"
    condition = f"column({column}, {kind}) {sign} {limit}"
    return Part(name, "check", f"create_check_constraint(op.f({name!r}), {condition})")


def _name(call: ast.Call) -> str:
    return next((text_of(each.value) or "" for each in call.keywords if each.arg == "name"), "")


def called(node: ast.expr) -> str:
    """The name of the function that a call calls, or of a type without arguments."""
    match node:
        case ast.Call(func=function):
            return called(function)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def column_type(column: ast.Call) -> ast.expr:
    """The type of a column."""
    return next(each for each in column.args[1:] if called(each) != "ForeignKey")


def foreign_keys(column: ast.Call) -> list[ast.Call]:
    """The foreign keys that a column declares."""
    return [
        each
        for each in column.args[1:]
        if isinstance(each, ast.Call) and called(each) == "ForeignKey" and each.args
    ]


def target_of(column: ast.Call) -> str:
    """The table that a column refers to, if it does."""
    keys = foreign_keys(column)
    target = text_of(keys[0].args[0]) if keys else ""
    return (target or "").partition(".")[0]


def option(column: ast.Call, name: str) -> bool | None:
    """An option of a column that is true or false; None if it is not given."""
    for each in column.keywords:
        if each.arg == name and isinstance(each.value, ast.Constant):
            return bool(each.value.value)
    return None
