"""The tables that the revisions of a project make, by the `op` calls of each table."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from fastgen.migrations.foreign_keys import Reference, references_after
from fastgen.migrations.op_calls import OpCall, text_of
from fastgen.migrations.revisions import RevisionFile, Revisions
from fastgen.migrations.statements import Statement, read_statements


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of a revision that changes one table."""

    revision: RevisionFile
    node: ast.stmt
    calls: tuple[OpCall, ...]

    @property
    def only(self) -> str:
        """The function of its call, if it has one alone."""
        return self.calls[0].function if len(self.calls) == 1 else ""


@dataclass(slots=True)
class Table:
    """A table at the head, and what has made it so."""

    name: str
    since: int
    """The number of the statement that made it."""
    steps: list[Step] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    """Foreign keys of the table."""

    def take(self, step: Step) -> None:
        """Add a step. An index that it drops was as good as never made."""
        self.references = references_after(self.references, step.calls)
        if step.only == "drop_index":
            index = step.calls[0].object_name
            for earlier in self.steps:
                if earlier.only == "create_index" and earlier.calls[0].object_name == index:
                    self.steps.remove(earlier)
                    return
        self.steps.append(step)

    @property
    def created_in(self) -> RevisionFile | None:
        """The revision that creates it, if one does."""
        first = self.steps[0] if self.steps else None
        return first.revision if first and first.calls[0].function == "create_table" else None

    def columns(self) -> set[str]:
        """The names of the columns that the statements leave there."""
        names: set[str] = set()
        for call in (call for step in self.steps for call in step.calls):
            match call.function:
                case "create_table":
                    names = {*_columns(call.node)}
                case "add_column":
                    names |= {*_columns(call.node)}
                case "drop_column":
                    names -= {call.text(1, "column_name") or ""}
                case "alter_column" if new := call.keyword("new_column_name"):
                    names -= {call.text(1, "column_name") or ""}
                    names |= {text_of(new) or ""}
        return names


@dataclass(frozen=True, slots=True)
class _Unread:
    number: int
    revision: RevisionFile
    statement: Statement


class Schema:
    """The tables at the head of the migrations."""

    def __init__(self, revisions: Revisions) -> None:
        self._tables: dict[str, Table] = {}
        self._renamed: dict[str, str] = {}
        self._dropped: dict[str, int] = {}
        self._unread: list[_Unread] = []
        self._number = 0
        for revision in revisions.values():
            for statement in read_statements(revision.tree):
                self._number += 1
                self._take(revision, statement)

    def table(self, name: str) -> Table | None:
        return self._tables.get(name)

    def tables(self) -> list[Table]:
        """All tables, in the order of their creation."""
        return [*self._tables.values()]

    def new_name(self, name: str) -> str | None:
        """The present name of a table that was renamed."""
        while name not in self._tables and name in self._renamed:
            name = self._renamed[name]
        return name if name in self._tables else None

    def referring(self, name: str) -> list[str]:
        """The other tables with foreign keys to a table."""
        return sorted(
            table.name
            for table in self._tables.values()
            if table.name != name and any(each.table == name for each in table.references)
        )

    def unread(self, name: str, model: str) -> Iterator[tuple[RevisionFile, int]]:
        """Statements that are not understood, and may have changed a table since it is there.

        Args:
            name: of the table.
            model: the class of its rows.

        Returns:
            Where they are: the revision and the line.
        """
        table = self._tables.get(name)
        since = table.since if table else self._dropped.get(name, 0)
        own = {name, *(_own_names(table) if table else ())}
        mention = re.compile(
            rf"(?<!\w)(?:{'|'.join(map(re.escape, own))}|(?:ix|uq|ck|fk|pk)_{name}(?:_\w+)?)(?!\w)",
            re.IGNORECASE,
        )
        for each in self._unread:
            node = each.statement.node
            if each.number > since and (
                each.statement.is_dynamic or _mentions(node, mention, {name, model})
            ):
                yield each.revision, node.lineno

    def _take(self, revision: RevisionFile, statement: Statement) -> None:
        calls = tuple(map(self._with_table, statement.calls))
        if not calls or not all(call.table for call in calls):
            self._unread.append(_Unread(self._number, revision, statement))
            return
        name = calls[0].table
        match calls[0].function:
            case "drop_table":
                self._forget(name)
                self._dropped[name] = self._number
                return
            case "create_table":
                self._forget(name)
        table = self._tables.setdefault(name, Table(name, self._number))
        table.take(Step(revision, statement.node, calls))
        if calls[0].function == "rename_table":
            self._rename(table, calls[0].text(1, "new_table_name") or "")

    def _forget(self, name: str) -> None:
        self._tables.pop(name, None)
        self._renamed.pop(name, None)

    def _rename(self, table: Table, name: str) -> None:
        del self._tables[table.name]
        self._forget(name)
        self._renamed[table.name] = name
        for other in self._tables.values():
            other.references = [
                replace(each, table=name) if each.table == table.name else each
                for each in other.references
            ]
        table.name = name
        self._tables[name] = table

    def _with_table(self, call: OpCall) -> OpCall:
        """The call with its table, also if it drops an index by its name alone."""
        if call.table:
            return call
        index = call.object_name
        owners = (name for name, table in self._tables.items() if index in {*_own_names(table)})
        return replace(call, table=next(owners, ""))


def _columns(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        match part:
            case ast.Call(
                func=ast.Name(id="Column") | ast.Attribute(attr="Column"), args=[first, *_]
            ):
                yield text_of(first) or ""


def _own_names(table: Table) -> Iterator[str]:
    """The names that the revisions give to the indexes and constraints of a table."""
    for call in (call for step in table.steps for call in step.calls):
        if call.object_name:
            yield call.object_name
        for part in ast.walk(call.node) if call.function == "create_table" else ():
            match part:
                case ast.Call(
                    func=ast.Name(id="Index") | ast.Attribute(attr="Index"), args=[first, *_]
                ) if name := text_of(first):
                    yield name


def _mentions(node: ast.stmt, mention: re.Pattern[str], names: Collection[str]) -> bool:
    for part in ast.walk(node):
        match part:
            case ast.Constant(value=str(text)) if mention.search(text):
                return True
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in names:
                return True
    return False
