"""Users as they are stored."""

from dataclasses import dataclass, field
from datetime import datetime

from app.core.security.caller import Role
from app.models.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Row):
    email: str = field(metadata={"unique": True})
    """In small letters."""
    full_name: str | None
    password_hash: str = field(repr=False)
    role: Role
    is_active: bool
    signed_in_at: datetime | None
