"""Order lines as they are stored."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, Column, ForeignKey, Index

from app.core.sql.columns import Exact, Id, at_least, choice, long_text, short_text
from app.core.sql.tables import define_table
from app.models.base import Row


class OrderLineState(StrEnum):
    NEW = "new"
    PAID = "paid"
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine(Row):
    label: str
    amount: int
    price: Decimal
    state: OrderLineState
    note: str | None
    owner_id: int


define_table(
    OrderLine,
    "order_lines",
    Column("label", short_text(40), nullable=False),
    Column("amount", BigInteger(), nullable=False),
    Column("price", Exact(12, 2), nullable=False),
    Column("state", choice("state", OrderLineState), nullable=False),
    Column("note", long_text()),
    Column("owner_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Index("ix_order_lines_owner_id", "owner_id", "created_at", "id"),
    at_least("amount", BigInteger(), 1),
    at_least("price", Exact(12, 2), "0"),
)
