"""Sessions as they are stored."""

from dataclasses import dataclass, field
from datetime import datetime

from app.core.security.caller import Role
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
