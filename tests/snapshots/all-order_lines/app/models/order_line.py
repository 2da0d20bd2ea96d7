"""The order line model."""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model
from app.db.columns import Choice, Exact, at_least, long_text, short_text


class OrderLineState(StrEnum):
    NEW = "new"
    PAID = "paid"
    SENT = "sent"


class OrderLine(Model):
    __tablename__ = "order_lines"
    __table_args__ = (
        # The default order of lists.
        Index("ix_order_lines_created_at", "created_at", "id"),
        Index("ix_order_lines_owner_id", "owner_id", "created_at", "id"),
        at_least("amount", BigInteger(), 1),
        at_least("price", Exact(12, 2), "0"),
    )

    label: Mapped[str] = mapped_column(short_text(40))
    amount: Mapped[int] = mapped_column(BigInteger())
    price: Mapped[Decimal] = mapped_column(Exact(12, 2))
    state: Mapped[OrderLineState] = mapped_column(Choice(OrderLineState, name="state"))
    note: Mapped[str | None] = mapped_column(long_text())
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
