"""Users, their sessions and their API keys."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, UniqueConstraint
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

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    handle: Mapped[str] = mapped_column(short_text(32), unique=True)
    """The claim `sid` of its tokens. It is random: another database can have the same ids."""
    role: Mapped[Role] = mapped_column(Choice(Role, name="role"))
    """A copy of the user's role, so that a request needs one query: a new role ends the session."""
    scope: Mapped[str] = mapped_column(long_text())
    rotations: Mapped[int] = mapped_column(Integer)
    """How often its refresh token was exchanged for the next one."""
    rotated_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)


class ApiKey(Model):
    __tablename__ = "api_keys"
    __table_args__ = (Index("ix_api_keys_created_at", "created_at", "id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(short_text(80))
    prefix: Mapped[str] = mapped_column(short_text(16))
    """The start of the key, which tells its user which one it is."""
    digest: Mapped[str] = mapped_column(short_text(64), unique=True)
    """The hash of the key."""
    scope: Mapped[str] = mapped_column(long_text())
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()
