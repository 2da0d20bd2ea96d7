"""Add users, their sessions and their API keys."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, UniqueConstraint

from app.db.columns import Choice, Id, Timestamp, long_text, short_text

revision = "6c1f0a9d2b47"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "users",
        Column("id", Id, primary_key=True),
        Column("created_at", Timestamp, nullable=False),
        Column("updated_at", Timestamp, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("email", short_text(254), nullable=False, unique=True),
        Column("full_name", short_text(200)),
        Column("password_hash", short_text(255)),
        Column("issuer", short_text(255)),
        Column("subject", short_text(255)),
        Column("role", Choice("user", "admin", name="role"), nullable=False),
        Column("is_active", Boolean, nullable=False),
        UniqueConstraint("issuer", "subject"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_users_created_at", "users", ["created_at", "id"])
    op.create_table(
        "sessions",
        Column("id", Id, primary_key=True),
        Column("created_at", Timestamp, nullable=False),
        Column("updated_at", Timestamp, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        Column("handle", short_text(32), nullable=False, unique=True),
        Column("role", Choice("user", "admin", name="role"), nullable=False),
        Column("scope", long_text(), nullable=False),
        Column("rotations", Integer, nullable=False),
        Column("rotated_at", Timestamp, nullable=False),
        Column("expires_at", Timestamp, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "api_keys",
        Column("id", Id, primary_key=True),
        Column("created_at", Timestamp, nullable=False),
        Column("updated_at", Timestamp, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        Column("name", short_text(80), nullable=False),
        Column("prefix", short_text(16), nullable=False),
        Column("digest", short_text(64), nullable=False, unique=True),
        Column("scope", long_text(), nullable=False),
        Column("expires_at", Timestamp),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_keys_created_at", "api_keys", ["created_at", "id"])
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])


def downgrade() -> None:
    op.drop_table("api_keys")
    op.drop_table("sessions")
    op.drop_table("users")
