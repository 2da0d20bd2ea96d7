"""Reads the statements of a revision's `upgrade`: the `op` calls, and what is not understood."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastgen.migrations.imports import Import, imports_of
from fastgen.migrations.op_calls import (
    TABLE_ARGUMENTS,
    OpCall,
    has_computed_target,
    has_stars,
    table_of,
)

BATCH = (0, "table_name")
NOT_IN_BATCHES = frozenset("create_exclude_constraint create_table drop_table rename_table".split())
LISTS_OF_TABLES = frozenset("get_table_names reflect sorted_tables tables".split())
KNOWN_PACKAGES = frozenset(["alembic", "sqlalchemy"])


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of `upgrade`, or a definition beside it."""

    node: ast.stmt
    calls: tuple[OpCall, ...]
    """Empty if the statement is not understood."""
    is_dynamic: bool = False
    """Whether a statement that is not understood may change a table that it does not name."""


def read_statements(tree: ast.Module) -> Iterator[Statement]:
    """The statements of a revision that may change tables, in order."""
    imports = imports_of(tree)
    op = next((each.binds for each in imports if each.target == "alembic.op"), "op")
    reader = _Reader(op, imports)
    upgrade: list[ast.stmt] = []
    for node in tree.body:
        match node:
            case ast.FunctionDef(name="upgrade", body=body):
                upgrade = body
            case ast.FunctionDef(name="downgrade") | ast.Import() | ast.ImportFrom():
                pass
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                yield reader.not_understood(node)
    for node in upgrade:
        match node:
            case ast.Return():
                return
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                yield reader.read(node)


@dataclass(frozen=True, slots=True)
class _Reader:
    op: str
    imports: Sequence[Import]

    def read(self, node: ast.stmt) -> Statement:
        match node:
            case ast.Expr(value=ast.Call() as call):
                if (read := self._call(call)) and read.is_literal:
                    return Statement(node, (read,))
            case ast.With(
                items=[ast.withitem(ast.Call() as batch, ast.Name(id=alias))], body=body
            ) if self._function(batch) == "batch_alter_table":
                table = table_of(batch, *BATCH)
                calls = [self._batch_call(each, alias, table) for each in body]
                if all(call and call.is_literal for call in calls):
                    return Statement(node, tuple(filter(None, calls)))
        return self.not_understood(node)

    def not_understood(self, node: ast.stmt) -> Statement:
        return Statement(node, (), is_dynamic=any(map(self._is_dynamic, ast.walk(node))))

    def _call(self, call: ast.Call) -> OpCall | None:
        function = self._function(call)
        if function not in TABLE_ARGUMENTS or has_stars(call):
            return None
        table = table_of(call, *TABLE_ARGUMENTS[function])
        names_table = len(call.args) > 1 or any(each.arg == "table_name" for each in call.keywords)
        if function == "drop_index" and not names_table:
            table = ""  # it is found by the index
        return None if table is None else OpCall(function, table, call)

    def _batch_call(self, node: ast.stmt, alias: str, table: str | None) -> OpCall | None:
        match node:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=function)) as call
            ) if name == alias and function in TABLE_ARGUMENTS and not has_stars(call):
                if table is not None and function not in NOT_IN_BATCHES:
                    return OpCall(function, table, call, in_batch=True)
        return None

    def _function(self, call: ast.Call) -> str:
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr=function) if name == self.op:
                return function
        return ""

    def _is_dynamic(self, node: ast.AST) -> bool:
        """Whether a part of a statement may change tables that no text in it names."""
        match node:
            case ast.Attribute(attr=name):
                return name in LISTS_OF_TABLES
            case ast.Assign(value=ast.Name(id=name)):
                return name == self.op
            case ast.Expr(value=ast.Call(func=called)) if self._is_foreign(called):
                return True
            case ast.Call() if has_computed_target(node):
                return True
            case ast.Call(args=arguments, keywords=keywords):
                function = self._function(node)
                where = {"batch_alter_table": BATCH, **TABLE_ARGUMENTS}.get(function)
                passed = [*arguments, *(keyword.value for keyword in keywords)]
                return (where is not None and table_of(node, *where) is None) or any(
                    isinstance(each, ast.Name) and each.id == self.op for each in passed
                )
        return False

    def _is_foreign(self, function: ast.expr) -> bool:
        """Whether a function is imported from a module that is not read here."""
        while isinstance(function, ast.Attribute):
            function = function.value
        return isinstance(function, ast.Name) and any(
            each.package not in KNOWN_PACKAGES and not each.is_standard
            for each in self.imports
            if each.binds == function.id
        )
