"""The values that existing rows get in a new column which must not be null."""

import ast
import math
from collections.abc import Collection

from fastgen.migrations.parts import called, column_type, option, target_of

_ZEROS = {
    "BigInteger": "0",
    "Boolean": "False",
    "Date": "date(1970, 1, 1)",
    "Double": "0",
    "Exact": "0",
    "Integer": "0",
    "JSON": "{}",
    "Timestamp": "func.current_timestamp()",
    "Uuid": "UUID(int=0)",
}
"""By the name of the type; text is empty, and a choice is its first word."""

_IDS = {
    "Date": None,
    "Timestamp": None,
    "Uuid": None,
    "BigInteger": "column('id')",
    "Double": "column('id')",
    "Exact": "column('id')",
}
"""A value for each row, for a unique column: made from the id of the row."""


def fill_value(column: ast.Call, constraints: Collection[ast.Call]) -> str | None:
    """The expression of the value; None if there is none that fits all rows.

    Args:
        column: of the new column.
        constraints: those of the table; limits of the column are kept.
    """
    kind = column_type(column)
    name = called(kind)
    if target := target_of(column):
        if option(column, "unique"):
            return None
        return f"select(func.min(column('id'))).select_from(table({target!r})).scalar_subquery()"
    limits = [each for each in constraints if _limits(each, column)]
    if option(column, "unique"):
        value = _IDS.get(name, "cast(column('id'), String(20))")
        lowest = max([0, *(math.ceil(_limit(each)) for each in limits if _is_least(each))])
        return f"{value} + {lowest}" if lowest else value
    if name == "Choice" and isinstance(kind, ast.Call):
        return ast.unparse(kind.args[0])
    zero = _ZEROS.get(name, "''")
    return _within(zero, limits) if zero == "0" else zero


def _limits(constraint: ast.Call, column: ast.Call) -> bool:
    return called(constraint) in ("at_least", "at_most") and (
        ast.unparse(constraint.args[0]) == ast.unparse(column.args[0])
    )


def _within(zero: str, limits: Collection[ast.Call]) -> str:
    """Zero, or the limit that is nearest to it."""
    for each in limits:
        if (_limit(each) > 0) is _is_least(each) and _limit(each):
            return ast.unparse(each.args[2])
    return zero


def _is_least(constraint: ast.Call) -> bool:
    return called(constraint) == "at_least"


def _limit(constraint: ast.Call) -> float:
    return float(ast.literal_eval(constraint.args[2]))
