"""The values that a revision writes into the rows of a table, read from its code."""

import ast
from collections.abc import Iterator
from datetime import date

from fastgen.changes import RowValue


def row_values(revision: str) -> Iterator[RowValue]:
    """What its upgrade writes by `table(...).update().values(...)`."""
    for function in ast.parse(revision).body:
        if isinstance(function, ast.FunctionDef) and function.name == "upgrade":
            for node in ast.walk(function):
                match node:
                    case ast.Call(func=ast.Attribute(value=update, attr="values"), keywords=values):
                        for each in values:
                            yield RowValue(_table(update), str(each.arg), _shown(each.value))


def _table(node: ast.expr) -> str:
    """The name of the table that an expression begins with."""
    while not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        node = node.func if isinstance(node, ast.Call) else node.value  # type: ignore[attr-defined]
    return str(ast.literal_eval(node.args[0]))


def _shown(value: ast.expr) -> str:
    text = ast.unparse(value)
    if text.startswith("select(func.min("):
        targets = [
            each.args[0]
            for each in ast.walk(value)
            if isinstance(each, ast.Call) and ast.unparse(each.func) == "table"
        ]
        return f"the lowest id of `{ast.literal_eval(targets[0])}`"
    if "'nobody@example.invalid'" in text:
        return "the account `nobody@example.invalid`"
    if "column('id')" in text:
        return "a value made from their `id`"
    if text.startswith("date("):
        return f"`{date(*ast.literal_eval(text.removeprefix('date')))}`"
    return "the time of the migration" if "current_timestamp" in text else f"`{text}`"
