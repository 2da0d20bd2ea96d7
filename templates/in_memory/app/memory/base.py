"""The base of all models, and constraints that are checked as a database would."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from app.core.errors import Conflict

UNSET = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row; the repository sets its id, its times (UTC) and its version."""

    id: int = 0
    created_at: datetime = UNSET
    updated_at: datetime = UNSET
    version: int = 0
    """Grows with each change; `ETag` and `If-Match` compare it."""


Rows = dict[int, Any]
Tables = dict[type[Row], Rows]


def check_unique(row: Row, rows: Iterable[Row]) -> None:
    """Raise `Conflict` if another row has a value that must be unique."""
    for name, _ in _fields_with(type(row), "unique"):
        value = getattr(row, name)
        if value is not None and any(
            getattr(other, name) == value for other in rows if other.id != row.id
        ):
            raise Conflict("Another row has this value already.")


def check_references(tables: Tables) -> None:
    """Raise `Conflict` if a row refers to one that does not exist."""
    for model, rows in tables.items():
        for name, target in _fields_with(model, "refers_to"):
            values = {getattr(row, name) for row in rows.values()}
            if not values - {None} <= tables.get(target, {}).keys():
                raise Conflict("Foreign-key conflict.")


def _fields_with(model: type[Row], key: str) -> Iterator[tuple[str, Any]]:
    """The fields with this key in their metadata, and its value."""
    return ((each.name, each.metadata[key]) for each in fields(model) if key in each.metadata)
