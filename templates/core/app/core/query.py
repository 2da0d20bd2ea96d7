"""Queries of services to repositories, and their results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, Self, TypeVar

T = TypeVar("T")


class Filter(NamedTuple):
    """A condition that rows meet; null only meets `is_null`."""

    field: str
    operator: Literal["in", "ge", "le", "lt", "is_null"]
    value: Any
    """For `in` a collection, for `is_null` whether the field is null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuery:
    """Filters, order and page of a query."""

    search: str = ""
    """Text that one of the searched fields contains, in any case."""
    filters: Sequence[Filter] = ()
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
