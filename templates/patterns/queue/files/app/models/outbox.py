"""Tasks that wait for the relay, as they are stored."""

from dataclasses import dataclass

from sqlalchemy import Column

from app.core.sql.columns import Id, long_text, short_text
from app.core.sql.tables import define_table
from app.models.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage(Row):
    """A task that was committed beside other writes, until it is in the queue."""

    task_id: str
    name: str
    queue: str
    args: str
    """As JSON."""
    owner_id: int | None


define_table(
    OutboxMessage,
    "outbox",
    Column("task_id", short_text(64), nullable=False),
    Column("name", short_text(100), nullable=False),
    Column("queue", short_text(100), nullable=False),
    Column("args", long_text(), nullable=False),
    Column("owner_id", Id),
)
