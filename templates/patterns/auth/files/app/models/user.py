"""The user model."""

from datetime import datetime

from sqlalchemy import Boolean, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.security.caller import Role
from app.db.base import Model
from app.db.columns import Choice, Timestamp, short_text


class User(Model):
    __tablename__ = "users"
    __table_args__ = (Index("ix_users_created_at", "created_at", "id"),)

    email: Mapped[str] = mapped_column(short_text(254), unique=True)
    """In lower case."""
    full_name: Mapped[str | None] = mapped_column(short_text(200))
    password_hash: Mapped[str] = mapped_column(short_text(255))
    role: Mapped[Role] = mapped_column(Choice(Role, name="role"))
    is_active: Mapped[bool] = mapped_column(Boolean)
    signed_in_at: Mapped[datetime | None] = mapped_column(Timestamp)
