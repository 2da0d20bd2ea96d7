"""What services ask of repositories, and the pages that they get."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Filters, an order, and a page."""

    search: str = ""
    """Text that one of the searched fields contains, in any case."""
    any_of: Mapping[str, Collection[Any]] = field(default_factory=dict)
    """Field -> the values that it may have."""
    at_least: Mapping[str, Any] = field(default_factory=dict)
    """Field -> its lowest value."""
    below: Mapping[str, Any] = field(default_factory=dict)
    """Field -> the first value that is too high."""
    order_by: str = "id"
    descending: bool = False
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class PageResult(Generic[T]):
    """The rows of one page, and how many there are on all pages."""

    rows: Sequence[T]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowScope:
    """The rows that a repository sees: for example those of one owner."""

    only: Mapping[str, Any] = field(default_factory=dict)
    """Field -> the value that the rows have."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Field -> the value that new rows get."""

    @classmethod
    def of(cls, **values: object) -> Self:
        """The rows with these values; new rows get them too."""
        return cls(only=values, defaults=values)

    @classmethod
    def with_defaults(cls, **values: object) -> Self:
        """All rows; new rows get these values."""
        return cls(defaults=values)
