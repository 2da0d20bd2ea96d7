"""The API key model."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model
from app.db.columns import Timestamp, long_text, short_text


class ApiKey(Model):
    __tablename__ = "api_keys"
    __table_args__ = (Index("ix_api_keys_created_at", "created_at", "id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(short_text(80))
    prefix: Mapped[str] = mapped_column(short_text(16), unique=True)
    digest: Mapped[str] = mapped_column(short_text(64))
    """Of the secret that follows the prefix."""
    scope: Mapped[str] = mapped_column(long_text())
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)
    last_used_at: Mapped[datetime | None] = mapped_column(Timestamp)
    """To the minute."""

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()
