"""Unique values and references, checked as a database would."""

from collections.abc import Collection, Mapping
from dataclasses import Field, fields
from typing import Any, Protocol

from app.core.errors import Conflict
from app.memory.row import Row

Rows = Mapping[int, Any]


class View(Protocol):
    """The rows, as they will be after the commit."""

    def models(self) -> Collection[type[Row]]: ...

    def rows(self, model: type[Row]) -> Rows: ...


def check_unique(row: Row, others: Rows) -> None:
    """Raise `Conflict` if another row has a value that must be unique."""
    for name, _ in _fields_with(type(row), "unique"):
        value = getattr(row, name)
        if value is not None and any(
            getattr(other, name) == value for other in others.values() if other.id != row.id
        ):
            raise Conflict("Another row has this value already.")


def check_references(row_id: int, row: Row | None, model: type[Row], view: View) -> None:
    """Raise `Conflict` for a reference to a missing row, or a deleted row in use."""
    if row is None:
        for other in view.models():
            names = [name for name, target in _fields_with(other, "refers_to") if target is model]
            for each in view.rows(other).values() if names else ():
                if any(getattr(each, name) == row_id for name in names):
                    raise Conflict("Foreign-key conflict.")
        return
    for name, target in _fields_with(model, "refers_to"):
        value = getattr(row, name)
        if value is not None and value not in view.rows(target):
            raise Conflict("Foreign-key conflict.")


def _fields_with(model: type[Row], key: str) -> list[tuple[str, Any]]:
    """The fields with this key in their metadata, and its value."""
    found: tuple[Field[Any], ...] = fields(model)
    return [(field.name, field.metadata[key]) for field in found if key in field.metadata]
