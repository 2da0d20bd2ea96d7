"""Reads the `op` calls of a revision's `upgrade`: which tables it changes, and how."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastgen.migrations.imports import Import, imports_of

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

NOT_IN_BATCHES = frozenset("create_exclude_constraint create_table drop_table rename_table".split())
LISTS_OF_TABLES = frozenset("get_table_names reflect sorted_tables tables".split())
KNOWN_PACKAGES = frozenset(["alembic", "sqlalchemy"])


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
        return not any(map(_has_computed_target, ast.walk(self.node)))


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
                table = _table(batch, 0, "table_name")
                calls = [self._batch_call(each, alias, table) for each in body]
                if all(call and call.is_literal for call in calls):
                    return Statement(node, tuple(filter(None, calls)))
        return self.not_understood(node)

    def not_understood(self, node: ast.stmt) -> Statement:
        return Statement(node, (), is_dynamic=any(map(self._is_dynamic, ast.walk(node))))

    def _call(self, call: ast.Call) -> OpCall | None:
        function = self._function(call)
        if function not in TABLE_ARGUMENTS or _has_stars(call):
            return None
        table = _table(call, *TABLE_ARGUMENTS[function])
        if function == "drop_index" and len(call.args) == 1 and not call.keywords:
            table = ""  # of an index whose name says it all
        return None if table is None else OpCall(function, table, call)

    def _batch_call(self, node: ast.stmt, alias: str, table: str | None) -> OpCall | None:
        match node:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=function)) as call
            ) if name == alias and function in TABLE_ARGUMENTS and not _has_stars(call):
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
            case ast.Call() if _has_computed_target(node):
                return True
            case ast.Call(args=arguments, keywords=keywords):
                function = self._function(node)
                where = {"batch_alter_table": (0, "table_name"), **TABLE_ARGUMENTS}.get(function)
                passed = [*arguments, *(keyword.value for keyword in keywords)]
                return (where is not None and _table(node, *where) is None) or any(
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


def _table(call: ast.Call, position: int, name: str) -> str | None:
    """The table in an argument of a call, with its schema; None if it is computed."""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    node = named.get(name, call.args[position] if position < len(call.args) else None)
    schema = named.get("schema", ast.Constant(None))
    table, space = text_of(node), text_of(schema)
    if space is not None and table is not None:
        return f"{space}.{table}"
    return table if isinstance(schema, ast.Constant) else None


def _has_computed_target(node: ast.AST) -> bool:
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


def _has_stars(call: ast.Call) -> bool:
    return any(isinstance(each, ast.Starred) for each in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    )
