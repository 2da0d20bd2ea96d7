"""The statements of repositories, built once: that takes longer than running most of them.

They depend on the names of filters; the values are parameters, named after the columns.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from app.core.query import Criteria
from app.db.base import Model
from app.db.search import contains, pattern

ModelT = TypeVar("ModelT", bound=Model)
Names = tuple[str, ...]


cache = lru_cache(maxsize=500)
"""Clients choose the filters: the number of combinations has a limit."""

OPERATORS: Mapping[str, Callable[[ColumnElement[Any], str], ColumnElement[bool]]] = {
    "in": lambda column, parameter: column.in_(bindparam(parameter, expanding=True)),
    "ge": lambda column, parameter: column >= bindparam(parameter),
    "le": lambda column, parameter: column <= bindparam(parameter),
    "lt": lambda column, parameter: column < bindparam(parameter),
    "is_null": lambda column, _: column.is_(None),
    "not_null": lambda column, _: column.is_not(None),
}


class Conditions(NamedTuple):
    """The conditions of a statement, without their values."""

    scope: Names = ()
    searched: Names = ()
    filters: tuple[tuple[str, str], ...] = ()
    """Column and operator."""

    @classmethod
    def of(cls, criteria: Criteria, scope: Names, searched: Names) -> "Conditions":
        filters = [
            (name, "not_null" if operator == "is_null" and not value else operator)
            for name, operator, value in criteria.filters
        ]
        return cls(scope, searched if criteria.search else (), tuple(filters))

    def of_model(self, model: type[Model]) -> list[ColumnElement[bool]]:
        columns = model.__table__.c
        found = [contains(columns[name], "search") for name in self.searched]
        return [
            *(columns[name] == bindparam(f"scope_{name}") for name in self.scope),
            *([or_(*found)] if found else []),
            *(
                OPERATORS[operator](columns[name], f"filter_{number}")
                for number, (name, operator) in enumerate(self.filters)
            ),
        ]


def parameters_of(criteria: Criteria) -> dict[str, Any]:
    """The values of the parameters of `Conditions`, except those of the scope."""
    filters = {f"filter_{number}": one.value for number, one in enumerate(criteria.filters)}
    return {"search": pattern(criteria.search), **filters}


@cache
def select_one(model: type[ModelT], scope: Names) -> Select[ModelT]:
    return select(model).where(model.id == bindparam("id"), *Conditions(scope).of_model(model))


@cache
def select_for_update(model: type[ModelT], scope: Names) -> Select[ModelT]:
    one = select_one(model, scope).with_for_update()
    return one.execution_options(populate_existing=True)


@cache
def select_after(model: type[ModelT], conditions: Conditions) -> Select[ModelT]:
    later = select(model).where(model.id > bindparam("id"), *conditions.of_model(model))
    return later.order_by(model.id).limit(bindparam("limit"))


@cache
def select_page(
    model: type[ModelT], conditions: Conditions, order_by: str, descending: bool
) -> Select[ModelT]:
    columns = [getattr(model, name) for name in dict.fromkeys((order_by, "id"))]
    return (
        select(model)
        .where(*conditions.of_model(model))
        .order_by(*(column.desc() if descending else column for column in columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


@cache
def count_rows(model: type[ModelT], conditions: Conditions) -> Select[int]:
    return select(func.count()).select_from(model).where(*conditions.of_model(model))
