"""Unique values and references, checked as a database would."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import Field, fields
from typing import Any, Protocol

from app.core.errors import Conflict
from app.memory.row import Row


class View(Protocol):
    """The rows as they will be after the commit."""

    def models(self) -> Collection[type[Row]]: ...

    def rows(self, model: type[Row]) -> Mapping[int, Any]: ...


def check_unique(row: Row, rows: Iterable[Row]) -> None:
    """Raise `Conflict` if another row has a value that must be unique."""
    for name, _ in _fields_with(type(row), "unique"):
        value = getattr(row, name)
        if value is not None and any(
            getattr(other, name) == value for other in rows if other.id != row.id
        ):
            raise Conflict("Another row has this value already.")


def check_references(view: View, changed: Collection[type[Row]]) -> None:
    """Raise `Conflict` if a row of these models, or one that refers to them, refers to nothing."""
    for model in view.models():
        for name, target in _fields_with(model, "refers_to"):
            if model in changed or target in changed:
                existing = view.rows(target)
                values = {getattr(row, name) for row in view.rows(model).values()}
                if not values - {None} <= existing.keys():
                    raise Conflict("Foreign-key conflict.")


def _fields_with(model: type[Row], key: str) -> list[tuple[str, Any]]:
    """The fields with this key in their metadata, and its value."""
    found: tuple[Field[Any], ...] = fields(model)
    return [(field.name, field.metadata[key]) for field in found if key in field.metadata]
