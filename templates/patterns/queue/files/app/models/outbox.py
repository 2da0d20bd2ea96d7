"""The model of tasks that wait in the outbox."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model
from app.db.columns import Id, long_text, short_text


class OutboxMessage(Model):
    """A task that was committed with other writes, and is not in the queue yet."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_created_at", "created_at", "id"),)

    task_id: Mapped[str] = mapped_column(short_text(64))
    name: Mapped[str] = mapped_column(short_text(100))
    queue: Mapped[str] = mapped_column(short_text(100))
    args: Mapped[str] = mapped_column(long_text())
    """As JSON."""
    owner_id: Mapped[int | None] = mapped_column(Id)
