"""The parts of a table that a revision creates, and how two forms of the table differ."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fastgen.migrations.imports import Import, imports_of
from fastgen.migrations.op_calls import text_of
from fastgen.migrations.tables import Table


@dataclass(frozen=True, slots=True)
class Definition:
    """A table by its parts: calls of `Column`, of constraints, and of `op.create_index`."""

    name: str
    columns: Mapping[str, ast.Call]
    constraints: Mapping[str, ast.Call]
    indexes: Mapping[str, ast.Call]
    imports: Sequence[Import] = ()

    @classmethod
    def of(cls, table: Table) -> "Definition":
        """The definition of a table that one `create_table` and its indexes make."""
        columns: dict[str, ast.Call] = {}
        constraints: dict[str, ast.Call] = {}
        indexes: dict[str, ast.Call] = {}
        imports: list[Import] = []
        for step in table.steps:
            imports += imports_of(step.revision.tree)
            for call in step.calls:
                if call.function == "create_index":
                    indexes[call.object_name or ""] = call.node
                parts = call.node.args[1:] if call.function == "create_table" else []
                for part in parts:
                    if not isinstance(part, ast.Call):
                        continue
                    match called(part):
                        case "Column":
                            columns[text_of(part.args[0]) or ""] = part
                        case "Index":
                            indexes[text_of(part.args[0]) or ""] = _index(table.name, part)
                        case _:
                            constraints[ast.unparse(part)] = part
        return cls(table.name, columns, constraints, indexes, imports)


@dataclass(frozen=True, slots=True)
class Difference:
    """What one form of a table has, and another one does not."""

    table: str
    columns: Mapping[str, ast.Call] = field(default_factory=dict)
    constraints: Mapping[str, ast.Call] = field(default_factory=dict)
    indexes: Mapping[str, ast.Call] = field(default_factory=dict)
    imports: Sequence[Import] = ()

    @classmethod
    def between(cls, before: Definition, after: Definition) -> "Difference":
        """What is in `after` alone."""

        def new(
            ours: Mapping[str, ast.Call], theirs: Mapping[str, ast.Call]
        ) -> dict[str, ast.Call]:
            return {name: node for name, node in theirs.items() if name not in ours}

        return cls(
            after.name,
            new(before.columns, after.columns),
            new(before.constraints, after.constraints),
            new(before.indexes, after.indexes),
            after.imports,
        )

    def __bool__(self) -> bool:
        return bool(self.columns or self.constraints or self.indexes)


@dataclass(frozen=True, slots=True)
class Alteration:
    """A column that two forms of a table have with another type, or another default."""

    table: str
    name: str
    before: ast.Call
    after: ast.Call
    imports: Sequence[Import] = ()

    @classmethod
    def between(cls, before: Definition, after: Definition) -> "Iterator[Alteration]":
        """The columns that differ in what `alter_column` can change; choices are a constraint."""
        imports = (*before.imports, *after.imports)
        for name, new in after.columns.items():
            old = before.columns.get(name)
            if old is None or "Choice" in (called(column_type(old)), called(column_type(new))):
                continue
            if _alterable(old) != _alterable(new):
                yield cls(after.name, name, old, new, imports)

    def reversed(self) -> "Alteration":
        return replace(self, before=self.after, after=self.before)


def _alterable(column: ast.Call) -> tuple[str, bool, str | None]:
    return ast.unparse(column_type(column)), is_required(column), default_of(column)


def is_required(column: ast.Call) -> bool:
    """Whether a column must not be null."""
    return option(column, "nullable") is False


def default_of(column: ast.Call) -> str | None:
    """The default of the server as code, if a column has one."""
    found = (each.value for each in column.keywords if each.arg == "server_default")
    return next(map(ast.unparse, found), None)


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


def target_of(column: ast.Call) -> str:
    """The table that a column refers to, if it does."""
    keys = [each for each in column.args[1:] if called(each) == "ForeignKey"]
    target = text_of(keys[0].args[0]) if keys and isinstance(keys[0], ast.Call) else ""
    return (target or "").partition(".")[0]


def option(column: ast.Call, name: str) -> bool | None:
    """An option of a column that is true or false; None if it is not given."""
    for each in column.keywords:
        if each.arg == name and isinstance(each.value, ast.Constant):
            return bool(each.value.value)
    return None


def _index(table: str, index: ast.Call) -> ast.Call:
    """`Index("name", "a", "b")` as `op.create_index("name", "table", ["a", "b"])`."""
    name, *columns = index.args
    operation = ast.Attribute(ast.Name("op", ast.Load()), "create_index", ast.Load())
    arguments: list[ast.expr] = [name, ast.Constant(table), ast.List([*columns], ast.Load())]
    return ast.Call(operation, arguments, index.keywords)
