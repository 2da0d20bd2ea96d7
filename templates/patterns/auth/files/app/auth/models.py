"""Users, their sessions and their API keys."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.principal import Role
from app.db.base import Model
from app.db.columns import Choice, Timestamp, long_text, short_text


class User(Model):
    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index("ix_users_created_at", "created_at", "id"),
    )

    email: Mapped[str] = mapped_column(short_text(254), unique=True)
    """In the form of `schemas.Email`."""
    full_name: Mapped[str | None] = mapped_column(short_text(200))
    password_hash: Mapped[str | None] = mapped_column(short_text(255))
    """None for a user of an external identity provider."""
    issuer: Mapped[str | None] = mapped_column(short_text(255))
    subject: Mapped[str | None] = mapped_column(short_text(255))
    """The user at the identity provider `issuer`."""
    role: Mapped[Role] = mapped_column(Choice(Role, name="role"))
    is_active: Mapped[bool] = mapped_column(Boolean)


class UserSession(Model):
    """One login, and all tokens that come from it. Without the row none of them is valid."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_created_at", "created_at", "id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str] = mapped_column(short_text(32))
    """Makes tokens invalid in another database, where ids can be the same."""
    role: Mapped[Role] = mapped_column(Choice(Role, name="role"))
    """A copy of the user's role, so that a request needs one query: a new role ends the session."""
    scope: Mapped[str] = mapped_column(long_text())
    token_digest: Mapped[str] = mapped_column(short_text(64))
    """The hash of the id of the current refresh token."""
    previous_digest: Mapped[str | None] = mapped_column(short_text(64))
    """The hash of the id of the previous one, which is accepted within the grace period."""
    rotated_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)

    @property
    def handle(self) -> str:
        """The claim `sid` of its tokens."""
        return f"{self.id}-{self.nonce}"


class ApiKey(Model):
    __tablename__ = "api_keys"
    __table_args__ = (Index("ix_api_keys_created_at", "created_at", "id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(short_text(80))
    prefix: Mapped[str] = mapped_column(short_text(16), unique=True)
    digest: Mapped[str] = mapped_column(short_text(64))
    """The hash of the secret that follows the prefix."""
    scope: Mapped[str] = mapped_column(long_text())
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()
