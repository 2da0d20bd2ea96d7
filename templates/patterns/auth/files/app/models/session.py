"""The model of a user's session."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.security.caller import Role
from app.db.base import Model
from app.db.columns import Choice, Timestamp, long_text, short_text


class UserSession(Model):
    """One sign-in, and all tokens that come from it. Without the row none of them is valid."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_created_at", "created_at", "id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str] = mapped_column(short_text(32))
    """Keeps tokens from being valid in another database, where ids were the same."""
    role: Mapped[Role] = mapped_column(Choice(Role, name="role"))
    """That of the user: a new role ends the session, so a request needs one query."""
    scope: Mapped[str] = mapped_column(long_text())
    token_digest: Mapped[str] = mapped_column(short_text(64))
    """Of the id of the current refresh token."""
    spent_digest: Mapped[str | None] = mapped_column(short_text(64))
    """Of the previous one, which is accepted within the grace period."""
    rotated_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)

    @property
    def handle(self) -> str:
        """The claim `sid` of its tokens."""
        return f"{self.id}-{self.nonce}"
