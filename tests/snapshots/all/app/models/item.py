"""Items as they are stored."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index

from app.core.sql.columns import Exact, Id, at_least, choice, short_text
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
    owner_id: int


define_table(
    Item,
    "items",
    Column("name", short_text(80), nullable=False),
    Column("description", short_text(500)),
    Column("price", Exact(12, 2), nullable=False),
    Column("status", choice("status", ItemStatus), nullable=False),
    Column("owner_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Index("ix_items_owner_id", "owner_id", "created_at", "id"),
    at_least("price", Exact(12, 2), "0"),
)
