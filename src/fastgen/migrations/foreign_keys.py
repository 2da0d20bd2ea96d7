"""The foreign keys of tables, by the `op` calls that make and drop them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fastgen.migrations.op_calls import OpCall, text_of


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key to the table `table`."""

    table: str
    name: str
    columns: tuple[str, ...]


def references_after(references: Sequence[Reference], calls: Sequence[OpCall]) -> list[Reference]:
    """The foreign keys of a table after some calls."""
    found = [*references]
    for call in calls:
        column = call.text(1, "column_name")
        match call.function:
            case "create_table":
                found = [*_inline(call, call.node)]
            case "add_column":
                found += _inline(call, call.argument(1, "column"))
            case "create_foreign_key":
                found.append(_created(call))
            case "drop_column":
                found = [each for each in found if column not in each.columns]
            case "drop_constraint":
                found = [each for each in found if each.name != call.object_name]
            case "alter_column":
                if (new := text_of(call.keyword("new_column_name"))) and column:
                    found = [_with_column(each, column, new) for each in found]
    return found


def _created(call: OpCall) -> Reference:
    table = call.text(2, "referent_table") or ""
    schema = text_of(call.keyword("referent_schema"))
    columns = tuple(_texts(call.argument(3, "local_cols")))
    target = f"{schema}.{table}" if schema else table
    return Reference(target, _name(call, call.object_name, columns), columns)


def _inline(call: OpCall, node: ast.AST | None) -> Iterator[Reference]:
    """Those in the columns and constraints of a call."""
    for part in ast.walk(node) if node else ():
        match part:
            case ast.Call(args=[first, *rest], keywords=keywords) if _called(part) == "Column":
                column = (text_of(first) or "",)
                inside = [*rest, *(keyword.value for keyword in keywords)]
                for key in (key for each in inside for key in ast.walk(each)):
                    if isinstance(key, ast.Call) and _called(key) == "ForeignKey" and key.args:
                        yield _declared(call, key, column, [text_of(key.args[0]) or ""])
            case ast.Call(args=[columns, targets, *_]) if _called(part) == "ForeignKeyConstraint":
                yield _declared(call, part, tuple(_texts(columns)), [*_texts(targets)])


def _declared(
    call: OpCall, node: ast.Call, columns: tuple[str, ...], targets: Sequence[str]
) -> Reference:
    name = next((text_of(each.value) for each in node.keywords if each.arg == "name"), None)
    target = targets[0].rpartition(".")[0] if targets else ""
    return Reference(target, _name(call, name, columns), columns)


def _name(call: OpCall, name: str | None, columns: Sequence[str]) -> str:
    """The name of a foreign key; without one it has that of the convention of the project."""
    return name or f"fk_{call.table}_{'_'.join(columns)}"


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _texts(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.List | ast.Tuple):
        yield from (text_of(each) or "" for each in node.elts)


def _with_column(reference: Reference, column: str, new: str) -> Reference:
    renamed = tuple(new if each == column else each for each in reference.columns)
    return replace(reference, columns=renamed)
