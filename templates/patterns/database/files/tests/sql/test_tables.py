"""A table keeps what its model says."""

from dataclasses import dataclass, fields
from types import NoneType
from typing import get_args

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData

from app.core.sql import tables
from app.core.sql.tables import (
    changed_with,
    define_table,
    keys_to_clear,
    load_tables,
    table_of,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Row):
    whole_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Row):
    part_id: int


def test_what_a_database_deletes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """In circles too, and through others."""
    monkeypatch.setattr(tables, "_tables", {})
    own = MetaData()
    whole = ForeignKey("wholes.id", ondelete="CASCADE")
    part = ForeignKey("parts.id", ondelete="CASCADE")
    define_table(Whole, "wholes", Column("part_id", Integer, part), metadata=own)
    define_table(Part, "parts", Column("whole_id", Integer, whole), metadata=own)
    kept = ForeignKey("wholes.id")
    define_table(Pair, "pairs", Column("left", kept), Column("right", Integer), metadata=own)

    assert changed_with.__wrapped__(table_of(Part)) == {"Part", "Whole"}
    assert changed_with.__wrapped__(table_of(Pair)) == {"Pair"}


def test_what_has_to_go_before_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that go with it anyway, and refer to others that do."""
    monkeypatch.setattr(tables, "_tables", {})
    own = MetaData()
    whole, another = (ForeignKey("wholes.id", ondelete="CASCADE") for _ in range(2))
    define_table(Whole, "wholes", Column("part_id", Integer), metadata=own)
    define_table(Part, "parts", Column("whole_id", Integer, whole), metadata=own)
    part = Column("left", Integer, ForeignKey("parts.id"))
    pairs = define_table(Pair, "pairs", part, Column("right", Integer, another), metadata=own)

    assert keys_to_clear.__wrapped__(table_of(Whole)) == [pairs.columns.right]
    assert keys_to_clear.__wrapped__(table_of(Part)) == []
