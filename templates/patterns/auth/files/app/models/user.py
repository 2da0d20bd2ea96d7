"""Users as they are stored."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Boolean, Column

from app.core.security.caller import Role
from app.core.sql.columns import Timestamp, choice, short_text
from app.core.sql.tables import define_table
from app.models.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Row):
    email: str
    """In small letters."""
    full_name: str | None
    password_hash: str = field(repr=False)
    role: Role
    is_active: bool
    signed_in_at: datetime | None


define_table(
    User,
    "users",
    Column("email", short_text(254), nullable=False, unique=True),
    Column("full_name", short_text(200)),
    Column("password_hash", short_text(255), nullable=False),
    Column("role", choice("role", Role), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("signed_in_at", Timestamp),
)
