"""Add items."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index

from app.db.columns import Choice, Exact, Id, Timestamp, at_least, short_text

revision = "d557bdad0021"
down_revision = "a95d3b18f70c"


def upgrade() -> None:
    op.create_table(
        "items",
        Column("id", Id, primary_key=True),
        Column("created_at", Timestamp, nullable=False),
        Column("updated_at", Timestamp, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("name", short_text(80), nullable=False),
        Column("description", short_text(500)),
        Column("price", Exact(12, 2), nullable=False),
        Column("status", Choice("draft", "active", name="status"), nullable=False),
        Column("owner_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        Index("ix_items_owner_id", "owner_id", "created_at", "id"),
        at_least("price", Exact(12, 2), "0"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_items_created_at", "items", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("items")
