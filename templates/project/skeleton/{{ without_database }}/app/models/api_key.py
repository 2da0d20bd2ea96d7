"""API keys as they are stored."""

from dataclasses import dataclass, field
from datetime import datetime

from app.models.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey(Row):
    user_id: int
    name: str
    prefix: str = field(metadata={"unique": True})
    digest: str = field(repr=False)
    """Of the secret behind the prefix."""
    scope: str
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()
