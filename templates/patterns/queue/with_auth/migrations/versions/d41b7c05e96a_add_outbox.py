"""Add the outbox of tasks."""

from alembic import op
from sqlalchemy import BigInteger, Column

from app.db.columns import Id, Timestamp, long_text, short_text

revision = "d41b7c05e96a"
down_revision = "6c1f0a9d2b47"


def upgrade() -> None:
    op.create_table(
        "outbox",
        Column("id", Id, primary_key=True),
        Column("created_at", Timestamp, nullable=False),
        Column("updated_at", Timestamp, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("task_id", short_text(64), nullable=False),
        Column("name", short_text(100), nullable=False),
        Column("queue", short_text(100), nullable=False),
        Column("args", long_text(), nullable=False),
        Column("owner_id", Id),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("outbox")
