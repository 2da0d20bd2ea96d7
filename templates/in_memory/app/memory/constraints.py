"""Unique values and references, checked as a database would."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from app.core.errors import Conflict
from app.memory.row import Row, Tables


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
