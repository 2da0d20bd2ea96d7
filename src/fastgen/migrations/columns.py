"""Puts columns that were added to a table into the call that creates it, where that is the same."""

import ast
from collections.abc import Sequence

from fastgen.migrations.op_calls import OpCall, text_of
from fastgen.migrations.tables import Step

TYPES = frozenset(
    "BigInteger Boolean Date DateTime Double Exact Float Id Integer Interval JSON LargeBinary "
    "Numeric SmallInteger String Text Time Timestamp Unicode Uuid long_text short_text".split()
)
"""Types without a constraint of their own, which an added column does not have on SQLite."""

OPTIONS = frozenset(["comment", "nullable", "server_default"])


def with_added_columns(steps: Sequence[Step]) -> list[ast.stmt]:
    """The statements that create a table, the plain columns of later ones in the first.

    Only steps that follow the creation and its indexes are merged, so that the order of columns
    stays, and so does what SQLite loses when it rebuilds a table.
    """
    create, *later = [step.node for step in steps]
    added: list[ast.expr] = []
    kept: list[ast.stmt] = []
    is_plain = True
    for step, node in zip(steps[1:], later, strict=True):
        columns = [_plain_column(call) for call in step.calls] if is_plain else []
        if columns and all(columns) and _is_plain_block(node):
            added += filter(None, columns)
        else:
            is_plain = is_plain and step.only == "create_index"
            kept.append(node)
    return [_with_columns(create, added), *kept]


def _plain_column(call: OpCall) -> ast.expr | None:
    """The column that a call adds, if nothing but itself comes with it."""
    others = {each.arg for each in call.node.keywords} - {"column", "schema", "table_name"}
    match call.argument(1, "column"):
        case ast.Call(args=[_, kind], keywords=keywords) as column if (
            call.function == "add_column"
            and not others
            and _name(column.func) == "Column"
            and _name(kind.func if isinstance(kind, ast.Call) else kind) in TYPES
            and not (isinstance(kind, ast.Call) and kind.keywords and _name(kind.func) == "Boolean")
            and {each.arg for each in keywords} <= OPTIONS
        ):
            defaults = [each.value for each in keywords if each.arg == "server_default"]
            # SQLite rebuilds the table for an expression.
            if not call.in_batch or all(text_of(each) is not None for each in defaults):
                return column
    return None


def _is_plain_block(node: ast.stmt) -> bool:
    """Whether a block has no options for how the table is rebuilt."""
    if not isinstance(node, ast.With):
        return True
    context = node.items[0].context_expr
    return isinstance(context, ast.Call) and {each.arg for each in context.keywords} <= {
        "schema",
        "table_name",
    }


def _with_columns(node: ast.stmt, added: Sequence[ast.expr]) -> ast.stmt:
    if not added or not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return node
    call, arguments = node.value, node.value.args
    is_column = [isinstance(each, ast.Call) and _name(each.func) == "Column" for each in arguments]
    last = max((number for number, is_one in enumerate(is_column) if is_one), default=0)
    arguments = [*arguments[: last + 1], *added, *arguments[last + 1 :]]
    return ast.Expr(ast.Call(call.func, arguments, call.keywords))


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
