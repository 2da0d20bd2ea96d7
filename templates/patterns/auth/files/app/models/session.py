"""Sessions as they are stored."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Column, ForeignKey

from app.core.security.caller import Role
from app.core.sql.columns import Id, Timestamp, choice, long_text, short_text
from app.core.sql.tables import define_table
from app.models.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Row):
    """One signing in, and all tokens that come from it. Without the row none of them is good."""

    user_id: int
    nonce: str
    """Keeps the tokens of another storage, where ids were the same, from being good here."""
    role: Role
    """That of the user: a new role ends the session, so one look tells all about a caller."""
    scope: str
    token_digest: str = field(repr=False)
    """Of the id of the refresh token that is good now."""
    spent_digest: str | None = field(repr=False)
    """Of the one before, which is forgiven for a moment."""
    rotated_at: datetime
    expires_at: datetime

    @property
    def handle(self) -> str:
        """What tokens call it: the claim `sid`."""
        return f"{self.id}-{self.nonce}"


define_table(
    Session,
    "sessions",
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("nonce", short_text(32), nullable=False),
    Column("role", choice("role", Role), nullable=False),
    Column("scope", long_text(), nullable=False),
    Column("token_digest", short_text(64), nullable=False),
    Column("spent_digest", short_text(64)),
    Column("rotated_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
)
