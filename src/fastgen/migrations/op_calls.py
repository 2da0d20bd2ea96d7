"""The `op` calls that change a table."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

TABLE_ARGUMENTS: Mapping[str, tuple[int, str]] = {
    "add_column": (0, "table_name"),
    "alter_column": (0, "table_name"),
    "create_check_constraint": (1, "table_name"),
    "create_exclude_constraint": (1, "table_name"),
    "create_foreign_key": (1, "source_table"),
    "create_index": (1, "table_name"),
    "create_primary_key": (1, "table_name"),
    "create_table": (0, "table_name"),
    "create_table_comment": (0, "table_name"),
    "create_unique_constraint": (1, "table_name"),
    "drop_column": (0, "table_name"),
    "drop_constraint": (1, "table_name"),
    "drop_index": (1, "table_name"),
    "drop_table": (0, "table_name"),
    "drop_table_comment": (0, "table_name"),
    "rename_table": (0, "old_table_name"),
}
"""The functions of `op` that change a table, and their argument with its name."""


@dataclass(frozen=True, slots=True)
class OpCall:
    """A call that changes the table `table`."""

    function: str
    table: str
    node: ast.Call
    in_batch: bool = False

    def keyword(self, name: str) -> ast.expr | None:
        return next((each.value for each in self.node.keywords if each.arg == name), None)

    def argument(self, position: int, name: str) -> ast.expr | None:
        """An argument by its position outside of a batch, or by its name."""
        if self.in_batch:  # whose functions have no argument for the table
            position -= position > TABLE_ARGUMENTS[self.function][0]
        by_position = self.node.args[position] if position < len(self.node.args) else None
        return self.keyword(name) or by_position

    def text(self, position: int, name: str) -> str | None:
        return text_of(self.argument(position, name))

    @property
    def object_name(self) -> str | None:
        """The name of the index or the constraint that is made or dropped."""
        if self.function.endswith("_index"):
            return self.text(0, "index_name")
        if self.function.endswith(("_constraint", "_key")):
            return self.text(0, "constraint_name")
        return None

    @property
    def is_literal(self) -> bool:
        """Whether all tables that the call names are literals."""
        match self.function:
            case "rename_table":
                return self.text(1, "new_table_name") is not None
            case "create_foreign_key":
                return self.text(2, "referent_table") is not None
        return not any(map(has_computed_target, ast.walk(self.node)))


def text_of(node: ast.expr | None) -> str | None:
    """The text of a literal; `op.f("...")` has it too."""
    match node:
        case (
            ast.Constant(value=str(text))
            | ast.Call(
                func=ast.Attribute(attr="f"), args=[ast.Constant(value=str(text))], keywords=[]
            )
        ):
            return text
    return None


def table_of(call: ast.Call, position: int, name: str) -> str | None:
    """The table in an argument of a call, with its schema; None if it is computed."""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    node = named.get(name, call.args[position] if position < len(call.args) else None)
    schema = named.get("schema", ast.Constant(None))
    table, space = text_of(node), text_of(schema)
    if space is not None and table is not None:
        return f"{space}.{table}"
    return table if isinstance(schema, ast.Constant) else None


def has_computed_target(node: ast.AST) -> bool:
    """Whether this is a foreign key to a table that no text names."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments):
            if name == "ForeignKey":
                return not arguments or text_of(arguments[0]) is None
            if name == "ForeignKeyConstraint":
                targets = arguments[1] if len(arguments) > 1 else None
                if not isinstance(targets, ast.List | ast.Tuple):
                    return True
                return None in map(text_of, targets.elts)
    return False


def has_stars(call: ast.Call) -> bool:
    return any(isinstance(each, ast.Starred) for each in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    )
