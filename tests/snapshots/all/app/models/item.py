"""The item model."""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model
from app.db.columns import Choice, Exact, at_least, short_text


class ItemStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"


class Item(Model):
    __tablename__ = "items"
    __table_args__ = (
        # The default order of lists.
        Index("ix_items_created_at", "created_at", "id"),
        Index("ix_items_owner_id", "owner_id", "created_at", "id"),
        at_least("price", Exact(12, 2), "0"),
    )

    name: Mapped[str] = mapped_column(short_text(80))
    description: Mapped[str | None] = mapped_column(short_text(500))
    price: Mapped[Decimal] = mapped_column(Exact(12, 2))
    status: Mapped[ItemStatus] = mapped_column(Choice(ItemStatus, name="status"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
