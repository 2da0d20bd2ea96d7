"""Writes the revision that drops a table, and that makes it again as it was."""

import ast
import builtins
from collections.abc import Iterator, Sequence

from fastgen.errors import Refused
from fastgen.migrations.columns import with_added_columns
from fastgen.migrations.foreign_keys import references_after
from fastgen.migrations.imports import Import, import_block, imports_of
from fastgen.migrations.python_text import statement_lines
from fastgen.migrations.revision_text import revision_text
from fastgen.migrations.revisions import Revision
from fastgen.migrations.tables import Schema, Step, Table

OP = Import("alembic", "op")


def undo_revision(tables: Sequence[Table], words: str, revision: Revision) -> str:
    """The text of a revision without tables; its `downgrade` repeats what has made them.

    Args:
        tables: each after those that it refers to.
        words: what is removed.
        revision: the identifiers.

    Raises:
        Refused: a revision uses a name that the new one cannot have.
    """
    names = " and ".join(table.name for table in tables)
    steps = [step for table in tables for step in table.steps]
    imports = import_block([OP, *_imports(names, steps)])
    drop = [
        line
        for table in reversed(tables)
        for line in statement_lines(ast.parse(f"op.drop_table({table.name!r})").body[0])
    ]
    again = [
        line
        for table in tables
        for node in with_added_columns(table.steps)
        for line in statement_lines(node)
    ]
    return revision_text(f"Remove {words}.", imports, revision, upgrade=drop, downgrade=again)


def check_understood(schema: Schema, name: str, model: str, remedy: str) -> None:
    """Make sure that every statement that may have changed a table can be repeated.

    Raises:
        Refused: one is not understood; the hint is `remedy`.
    """
    for revision, line in schema.unread(name, model):
        raise Refused(
            f"`{revision.path}`, line {line}, may change the table `{name}` in a way that "
            "cannot be undone.",
            remedy,
        )
    table = schema.table(name)
    if table is not None and table.created_in is None:
        step = table.steps[0]
        raise Refused(
            f"`{step.revision.path}`, line {step.node.lineno}, changes the table `{name}`, "
            "which no revision creates.",
            remedy,
        )
    for step in _computed(table.steps if table else []):
        raise Refused(
            f"`{step.revision.path}`, line {step.node.lineno}, computes a part of the table "
            f"`{name}`.",
            remedy,
        )
    for step, target in _gone_targets(schema, table.steps if table else []):
        raise Refused(
            f"`{step.revision.path}`, line {step.node.lineno}, has a foreign key to the table "
            f"`{target}`, which is no longer there by that name.",
            remedy,
        )


def _gone_targets(schema: Schema, steps: Sequence[Step]) -> Iterator[tuple[Step, str]]:
    """The steps that need another table, which was dropped, renamed or is not known."""
    own = {call.table for step in steps for call in step.calls}
    for step in steps:
        # Call by call: a later one may drop a key, but the earlier one has to work.
        for reference in (key for call in step.calls for key in references_after([], [call])):
            if reference.table not in own and schema.table(reference.table) is None:
                yield step, reference.table


def _imports(table: str, steps: Sequence[Step]) -> Iterator[Import]:
    """The imports of the steps; the same name must not mean two things."""
    targets: dict[str, str] = {}
    for step in steps:
        used = {*_names(step)}
        for one in imports_of(step.revision.tree):
            if one.binds in used:
                if targets.setdefault(one.binds, one.target) != one.target:
                    raise Refused(
                        f"`{one.binds}` means two things in the revisions of the table `{table}`: "
                        f"`{targets[one.binds]}` and `{one.target}`.",
                        f"Correct the imports of `{step.revision.path}`.",
                    )
                yield one


def _computed(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps that use a name which is not imported."""
    for step in steps:
        known = {one.binds for one in imports_of(step.revision.tree)}
        if any(name not in known and not hasattr(builtins, name) for name in _names(step)) or any(
            isinstance(node, ast.JoinedStr | ast.Lambda) for node in ast.walk(step.node)
        ):
            yield step


def _names(step: Step) -> Iterator[str]:
    own = {item.optional_vars.id for item in getattr(step.node, "items", ()) if item.optional_vars}
    for node in ast.walk(step.node):
        if isinstance(node, ast.Name) and node.id not in own:
            yield node.id
