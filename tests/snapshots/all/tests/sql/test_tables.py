"""A table keeps what its model says."""

from dataclasses import dataclass, fields
from types import NoneType
from typing import get_args

import pytest
from sqlalchemy import Column, Integer, MetaData

from app.core.sql import tables
from app.core.sql.tables import define_table, load_tables, table_of
from app.models.base import Row

load_tables()


@pytest.mark.parametrize("model", tables._tables, ids=lambda model: model.__name__)
def test_what_may_be_empty(model: type[Row]) -> None:
    """A field that is annotated with None, and no other, has a column that may be null."""
    optional = {field.name for field in fields(model) if NoneType in get_args(field.type)}

    assert optional == {column.name for column in table_of(model).columns if column.nullable}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Row):
    left: int
    right: int


def test_a_column_for_every_field() -> None:
    columns = [Column("left", Integer), Column("wrong", Integer)]

    with pytest.raises(TypeError, match="Pair and its table differ in: right, wrong"):
        define_table(Pair, "pairs", *columns, metadata=MetaData())
