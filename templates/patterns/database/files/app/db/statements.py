"""The statements of repositories, built once: that takes longer than running most of them.

They depend on the names of filters; the values are parameters, named after the columns.
"""

from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from app.core.query import Query
from app.db.base import Model
from app.db.search import contains, pattern

ModelT = TypeVar("ModelT", bound=Model)
Names = tuple[str, ...]


class Filters(NamedTuple):
    """The names of the columns that rows are chosen by."""

    scope: Names = ()
    searched: Names = ()
    any_of: Names = ()
    at_least: Names = ()
    below: Names = ()

    @classmethod
    def of(cls, query: Query, scope: Names, searched: Names) -> "Filters":
        found = searched if query.search else ()
        return cls(scope, found, tuple(query.any_of), tuple(query.at_least), tuple(query.below))

    def conditions(self, model: type[Model]) -> list[ColumnElement[bool]]:
        columns = model.__table__.c
        found = [contains(columns[name], "search") for name in self.searched]
        return [
            *(columns[name] == bindparam(f"scope_{name}") for name in self.scope),
            *([or_(*found)] if found else []),
            *(columns[name].in_(bindparam(f"{name}_in", expanding=True)) for name in self.any_of),
            *(columns[name] >= bindparam(f"{name}_from") for name in self.at_least),
            *(columns[name] < bindparam(f"{name}_below") for name in self.below),
        ]


def filter_values(query: Query) -> dict[str, Any]:
    """The values of the parameters of `Filters`, except those of the scope."""
    return {
        **({"search": pattern(query.search)} if query.search else {}),
        **{f"{name}_in": [*options] for name, options in query.any_of.items()},
        **{f"{name}_from": value for name, value in query.at_least.items()},
        **{f"{name}_below": value for name, value in query.below.items()},
    }


@cache
def select_one(model: type[ModelT], scope: Names) -> Select[ModelT]:
    return select(model).where(model.id == bindparam("id"), *Filters(scope).conditions(model))


@cache
def select_for_update(model: type[ModelT], scope: Names) -> Select[ModelT]:
    one = select_one(model, scope).with_for_update()
    return one.execution_options(populate_existing=True)


@cache
def select_after(model: type[ModelT], scope: Names) -> Select[ModelT]:
    later = select(model).where(model.id > bindparam("id"), *Filters(scope).conditions(model))
    return later.order_by(model.id).limit(bindparam("limit"))


@cache
def select_page(
    model: type[ModelT], filters: Filters, order_by: str, descending: bool
) -> Select[ModelT]:
    columns = [getattr(model, name) for name in dict.fromkeys((order_by, "id"))]
    return (
        select(model)
        .where(*filters.conditions(model))
        .order_by(*(column.desc() if descending else column for column in columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


@cache
def count_rows(model: type[ModelT], filters: Filters) -> Select[int]:
    return select(func.count()).select_from(model).where(*filters.conditions(model))
