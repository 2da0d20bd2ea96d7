"""Add order lines."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Index

from app.db.columns import Choice, Exact, Id, Timestamp, at_least, long_text, short_text

revision = "38043dda3d21"
down_revision = "d557bdad0021"


def upgrade() -> None:
    op.create_table(
        "order_lines",
        Column("id", Id, primary_key=True),
        Column("created_at", Timestamp, nullable=False),
        Column("updated_at", Timestamp, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("label", short_text(40), nullable=False),
        Column("amount", BigInteger(), nullable=False),
        Column("price", Exact(12, 2), nullable=False),
        Column("state", Choice("new", "paid", "sent", name="state"), nullable=False),
        Column("note", long_text()),
        Column("owner_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        Index("ix_order_lines_owner_id", "owner_id", "created_at", "id"),
        at_least("amount", BigInteger(), 1),
        at_least("price", Exact(12, 2), "0"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_order_lines_created_at", "order_lines", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("order_lines")
