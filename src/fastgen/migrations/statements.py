"""Reads the statements of a revision's `upgrade`: the `op` calls, and what is not understood."""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastgen.migrations.imports import Import, imports_of
from fastgen.migrations.op_calls import (
    TABLE_ARGUMENTS,
    OpCall,
    has_computed_target,
    has_stars,
    table_of,
    text_of,
)

BATCH = (0, "table_name")
NOT_IN_BATCHES = frozenset("create_exclude_constraint create_table drop_table rename_table".split())
LISTS_OF_TABLES = frozenset("get_table_names reflect sorted_tables tables".split())
EXECUTES = frozenset("exec_driver_sql execute executemany executescript scalar scalars".split())
EXPRESSIONS = frozenset(
    "bindparams delete execution_options from_select insert select update values where".split()
)
"""Functions and methods of SQLAlchemy that make SQL of tables and values."""

_ROWS = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s[^;]*\Z", re.IGNORECASE)
"""One statement that changes rows, and no table."""

KNOWN_PACKAGES = frozenset(["alembic", "sqlalchemy"])
LIBRARY_TABLES = "migrations.library_tables"
"""The module of a project that creates and drops the tables of libraries, and no others."""


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
                if not reader.changes_rows_alone(node):
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

    def changes_rows_alone(self, node: ast.stmt) -> bool:
        """Whether a statement is `op.execute` of SQL that inserts, updates or deletes rows."""
        match node:
            case ast.Expr(value=ast.Call(args=[sql], keywords=[]) as call):
                return self._function(call) == "execute" and _changes_rows(sql)
        return False

    def not_understood(self, node: ast.stmt) -> Statement:
        parts = [*ast.walk(node)]
        is_dynamic = self._hides_op(parts) or any(map(self._is_dynamic, parts))
        return Statement(node, (), is_dynamic)

    def _hides_op(self, parts: Sequence[ast.AST]) -> bool:
        """Whether `op` or one of its functions gets another name, or is passed on."""
        called = {
            id(part.func.value)
            for part in parts
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)
        }
        other = {
            each.binds
            for each in self.imports
            if each.package == "alembic" and each.binds != self.op
        }
        return any(
            isinstance(part, ast.Name)
            and (part.id in other or (part.id == self.op and id(part) not in called))
            for part in parts
        )

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
            case ast.Import() | ast.ImportFrom():
                return _may_import_op(node)
            case ast.Expr(value=ast.Call(func=called)) if self._is_foreign(called):
                return True
            case ast.Call() if has_computed_target(node) or _runs_computed_sql(node):
                return True
            case ast.Call():
                function = self._function(node)
                where = {"batch_alter_table": BATCH, **TABLE_ARGUMENTS}.get(function)
                return where is not None and table_of(node, *where) is None
        return False

    def _is_foreign(self, function: ast.expr) -> bool:
        """Whether a function is imported from a module that is not read here."""
        while isinstance(function, ast.Attribute):
            function = function.value
        return isinstance(function, ast.Name) and any(
            each.package not in KNOWN_PACKAGES and not each.is_standard
            for each in self.imports
            if each.binds == function.id and each.target != LIBRARY_TABLES
        )


def _changes_rows(sql: ast.expr) -> bool:
    match sql:
        case ast.Call(func=ast.Name(id="text") | ast.Attribute(attr="text"), args=[text]):
            return _ROWS.match(text_of(text) or "") is not None
        case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr=name)):
            return name in EXPRESSIONS and (_is_table(inner) or _changes_rows(inner))
    return False


def _is_table(node: ast.Call) -> bool:
    """Whether this is `table("name", ...)`; a model may mean another table tomorrow."""
    match node:
        case ast.Call(func=ast.Name(id="table") | ast.Attribute(attr="table"), args=[name, *_]):
            return text_of(name) is not None
    return False


def _may_import_op(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import inside of a statement may bring what changes tables."""
    if isinstance(node, ast.ImportFrom):
        modules = ["" if node.level else node.module or ""]
    else:
        modules = [each.name for each in node.names]
    packages = {module.partition(".")[0] for module in modules}
    return not packages <= {"sqlalchemy", *sys.stdlib_module_names}


def _runs_computed_sql(call: ast.Call) -> bool:
    """Whether a call runs SQL that is not in the text of the revision."""
    match call.func:
        case ast.Attribute(attr=name) if name in EXECUTES:
            named = {each.arg: each.value for each in call.keywords}
            sql = call.args[0] if call.args else named.get("sqltext", named.get("statement"))
            return sql is None or not _is_readable(sql)
    return False


def _is_readable(sql: ast.expr) -> bool:
    """Whether SQL is a literal, or made of tables by the functions of SQLAlchemy."""
    match sql:
        case ast.Call(
            func=ast.Name(id="text" | "table") | ast.Attribute(attr="text" | "table"),
            args=[text, *_],
        ):
            return text_of(text) is not None
        case ast.Call(func=ast.Name(id=name)):
            return name in EXPRESSIONS
        case ast.Call(func=ast.Attribute(value=inner, attr=name)):
            return name in EXPRESSIONS and (not isinstance(inner, ast.Call) or _is_readable(inner))
    return text_of(sql) is not None
