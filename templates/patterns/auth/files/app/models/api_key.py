"""API keys as they are stored."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Column, ForeignKey

from app.core.sql.columns import Id, Timestamp, long_text, short_text
from app.core.sql.tables import define_table
from app.models.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey(Row):
    user_id: int
    name: str
    prefix: str
    digest: str = field(repr=False)
    """Of the secret behind the prefix."""
    scope: str
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()


define_table(
    ApiKey,
    "api_keys",
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", short_text(80), nullable=False),
    Column("prefix", short_text(16), nullable=False, unique=True),
    Column("digest", short_text(64), nullable=False),
    Column("scope", long_text(), nullable=False),
    Column("expires_at", Timestamp),
    Column("last_used_at", Timestamp),
)
