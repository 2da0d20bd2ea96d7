"""Items as they are stored."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Column

from app.core.sql.columns import Exact, at_least, choice, short_text
from app.core.sql.tables import define_table
from app.models.base import Row


class ItemStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Row):
    name: str
    description: str | None
    price: Decimal
    status: ItemStatus


define_table(
    Item,
    "items",
    Column("name", short_text(80), nullable=False),
    Column("description", short_text(500)),
    Column("price", Exact(12, 2), nullable=False),
    Column("status", choice("status", ItemStatus), nullable=False),
    at_least("price", Exact(12, 2), "0"),
)
