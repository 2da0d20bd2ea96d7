"""The parts of a table that a revision creates, and how two forms of the table differ."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fastgen.errors import Refused
from fastgen.migrations.imports import Import, imports_of
from fastgen.migrations.op_calls import text_of
from fastgen.migrations.parts import (
    CHOICE_LENGTH,
    Part,
    called,
    column_parts,
    column_type,
    foreign_keys,
    index_part,
    option,
    part_names,
    table_part,
)
from fastgen.migrations.tables import Table


@dataclass(frozen=True, slots=True)
class Definition:
    """A table by its parts: calls of `Column`, of constraints, and of `op.create_index`."""

    name: str
    columns: Mapping[str, ast.Call]
    constraints: Mapping[str, ast.Call]
    indexes: Mapping[str, ast.Call]
    options: Sequence[str] = ()
    """The keywords of `create_table`, as code."""
    imports: Sequence[Import] = ()

    @classmethod
    def of(cls, table: Table) -> "Definition":
        """The definition of a table that one `create_table` and its indexes make.

        Raises:
            Refused: it has a constraint that fastgen does not know.
        """
        columns: dict[str, ast.Call] = {}
        constraints: dict[str, ast.Call] = {}
        indexes: dict[str, ast.Call] = {}
        imports: list[Import] = []
        options: list[str] = []
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
                            constraints[table_part(table.name, part).name] = part
                if call.function == "create_table":
                    options = sorted(map(ast.unparse, call.node.keywords))
        return cls(table.name, columns, constraints, indexes, options, imports)


@dataclass(frozen=True, slots=True)
class Difference:
    """The parts of a table that only one of two versions has."""

    table: str
    columns: Mapping[str, ast.Call] = field(default_factory=dict)
    constraints: Mapping[str, ast.Call] = field(default_factory=dict)
    indexes: Mapping[str, ast.Call] = field(default_factory=dict)
    imports: Sequence[Import] = ()

    @classmethod
    def between(cls, before: Definition, after: Definition) -> "Difference":
        """The parts that only `after` has."""

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
    """A part of a table that differs between two versions under the same name."""

    table: str
    name: str
    """Of the column, the index or the constraint."""
    before: ast.Call
    after: ast.Call
    dropped: Sequence[Part] = ()
    """Indexes and constraints that go, or that are made anew."""
    created: Sequence[Part] = ()
    imports: Sequence[Import] = ()

    @classmethod
    def between(
        cls, before: Definition, after: Definition, present: Table
    ) -> "Iterator[Alteration]":
        """The differences in parts that the project's table has.

        Raises:
            Refused: something has changed that fastgen cannot migrate.
        """
        if before.options != after.options:
            raise _not_possible(f"table `{after.name}`", before.options, after.options)
        imports = (*before.imports, *after.imports)
        columns, names = present.columns(), part_names(present)
        for name in (name for name in after.columns if name in before.columns):
            old, new = before.columns[name], after.columns[name]
            if _rest(old) != _rest(new):
                what = f"column `{name}` of the table `{after.name}`"
                raise _not_possible(what, _rest(old), _rest(new))
            had, has = [*column_parts(after.name, old)], [*column_parts(after.name, new)]
            dropped = [each for each in had if each not in has and each.name in names]
            left = names - {each.name for each in dropped}
            created = [each for each in has if each not in had and each.name not in left]
            is_altered = _alterable(old) != _alterable(new)
            if name in columns and (is_altered or dropped or created):
                yield cls(after.name, name, old, new, dropped, created, imports)
        for part_of, ours, theirs in (
            (table_part, before.constraints, after.constraints),
            (index_part, before.indexes, after.indexes),
        ):
            for name in (name for name in theirs if name in ours):
                old, new = ours[name], theirs[name]
                if ast.unparse(old) != ast.unparse(new) and name in names:
                    dropped, created = [part_of(after.name, old)], [part_of(after.name, new)]
                    yield cls(after.name, name, old, new, dropped, created, imports)

    @property
    def is_of_column(self) -> bool:
        return called(self.after) == "Column"

    def reversed(self) -> "Alteration":
        return replace(
            self,
            before=self.after,
            after=self.before,
            dropped=self.created,
            created=self.dropped,
        )


def _alterable(column: ast.Call) -> tuple[str, bool, str | None]:
    return plain_type(column), is_required(column), default_of(column)


def _not_possible(what: str, before: Sequence[str], after: Sequence[str]) -> Refused:
    changed = ", ".join(f"`{each}`" for each in sorted({*before} ^ {*after}))
    return Refused(
        f"The {what} changes in a way that fastgen cannot migrate: {changed}.",
        "Keep the version of fastgen that made this project.",
    )


def is_required(column: ast.Call) -> bool:
    """Whether a column must not be null."""
    return option(column, "nullable") is False


def default_of(column: ast.Call) -> str | None:
    """The default of the server as code, if a column has one."""
    found = (each.value for each in column.keywords if each.arg == "server_default")
    return next(map(ast.unparse, found), None)


def plain_type(column: ast.Call) -> str:
    """The type of a column as code, without a constraint of its own."""
    kind = column_type(column)
    return f"String({CHOICE_LENGTH})" if called(kind) == "Choice" else ast.unparse(kind)


def _rest(column: ast.Call) -> list[str]:
    """The arguments that are in no type, part, or option that can be altered."""
    known = {"index", "nullable", "server_default", "unique"}
    others = [*column.args[1:], *(each for each in column.keywords if each.arg not in known)]
    keys = [column_type(column), *foreign_keys(column)]
    return sorted(ast.unparse(each) for each in others if each not in keys)


def _index(table: str, index: ast.Call) -> ast.Call:
    """`Index("name", "a", "b")` as `op.create_index("name", "table", ["a", "b"])`."""
    name, *columns = index.args
    operation = ast.Attribute(ast.Name("op", ast.Load()), "create_index", ast.Load())
    arguments: list[ast.expr] = [name, ast.Constant(table), ast.List([*columns], ast.Load())]
    return ast.Call(operation, arguments, index.keywords)
