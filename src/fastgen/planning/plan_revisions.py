"""Plans the revisions that a merge appends, deletes or leaves."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from fastgen.changes import Change, Plan
from fastgen.errors import Refused
from fastgen.git import may_be_committed
from fastgen.migrations.change_tables import Fills
from fastgen.migrations.databases import may_be_applied
from fastgen.migrations.parts import part_names
from fastgen.migrations.revision_bodies import body, is_of_library, plain
from fastgen.migrations.revisions import Revisions, head, read_revisions, revisions_of
from fastgen.migrations.tables import Schema
from fastgen.planning.appended_revisions import appended_revisions

MOST_APPENDED = 8
"""Revisions that one change may have appended."""


def plan_revisions(
    root: Path,
    base: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    fills: Fills,
    *,
    loses_database: bool = False,
) -> Plan:
    """The revisions that bring the project's tables from those of `base` to those of `theirs`.

    Revisions that the opposite change has appended are deleted instead, if they are the last
    ones, as they were made, in no commit, and applied to no database.

    Args:
        root: the project.
        base: the revisions of a new project before the change.
        theirs: those of a new project after it.
        fills: the values of existing rows in columns that must not be null.
        loses_database: whether the project has no database after the change.

    Raises:
        Refused: there are several heads, or a table cannot be changed safely.
    """
    if base == theirs and not loses_database:
        return Plan()
    revisions = read_revisions(root)
    head(revisions)
    files = {each.path: (root / each.path).read_bytes() for each in revisions.values()}
    if loses_database:
        return _all_revisions(root, files, revisions, base)
    if undone := _opposite(root, files, revisions, theirs, base, fills):
        return Plan([Change(path, None) for path in undone])
    return Plan(
        [*appended_revisions(files, base, theirs, fills)],
        kept=[*_of_libraries(files, base, theirs)],
    )


def _of_libraries(
    files: Mapping[str, bytes], base: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> Iterator[str]:
    """The project's revisions for tables of libraries that it no longer needs: they stay."""
    if any(is_of_library(base[path]) for path in base.keys() - theirs.keys()):
        # Those of people need the same module, and so do edited ones.
        yield from (path for path, content in files.items() if is_of_library(content))


def _opposite(
    root: Path,
    files: Mapping[str, bytes],
    revisions: Revisions,
    base: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    fills: Fills,
) -> list[str]:
    """The last revisions, if the change from `base` to `theirs` has made them, and nobody else."""
    chain = [each.path for each in revisions.values()]
    had, has = Schema(revisions_of(base)), Schema(revisions_of(theirs))
    for count in range(1, min(len(chain), MOST_APPENDED) + 1):
        earlier = {path: files[path] for path in chain[:-count]}
        if not _is_before(Schema(revisions_of(earlier)), had, has):
            continue  # the change has made more than these
        last = {path: plain(files[path]) for path in chain[-count:]}
        try:
            made = [*appended_revisions(earlier, base, theirs, fills)]
        except Refused:
            continue
        if {each.path for each in made} == {*last} and all(
            body(last[each.path]) == body((each.text or "").encode()) for each in made
        ):
            paths = [*last]
            first = next(each.id for each in revisions.values() if each.path == paths[0])
            is_free = not may_be_applied(root, first, revisions) and not any(
                may_be_committed(root / path) for path in paths
            )
            return paths if is_free else []
    return []


def _is_before(schema: Schema, had: Schema, has: Schema) -> bool:
    """Whether tables are as before a change from `had` to `has`, in all that it changes."""
    present, before, after = map(_names, (schema, had, has))
    return before - after <= present and present.isdisjoint(after - before)


def _names(schema: Schema) -> set[tuple[str, str]]:
    """The tables, columns, indexes and constraints."""
    return {
        (table.name, name)
        for table in schema.tables()
        for name in ("", *table.columns(), *part_names(table))
    }


def _all_revisions(
    root: Path, files: Mapping[str, bytes], revisions: Revisions, base: Mapping[str, bytes]
) -> Plan:
    """Without a database there are no revisions; those that somebody may need stay."""
    made = {body(content) for content in base.values()}
    is_free = all(
        body(plain(content)) in made and not may_be_committed(root / path)
        for path, content in files.items()
    ) and not any(may_be_applied(root, each, revisions) for each in revisions)
    if is_free:
        return Plan([Change(path, None) for path in files])
    return Plan(kept=[*files])
