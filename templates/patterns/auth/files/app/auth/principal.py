"""The principal of a request: a user, and the scopes of its token or API key."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.auth.errors import MissingScope

ADMIN_SCOPE = "admin"


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


def user_name(user_id: int) -> str:
    """The name of a user in rooms, and as the owner of files."""
    return f"user-{user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    user_id: int
    role: Role
    scopes: frozenset[str]
    session_id: int | None = None
    """None for an API key, and for a token of an external identity provider."""
    expires_at: datetime | None = None
    """Expiry of the token; None for an API key."""
    is_api_key: bool = False

    @property
    def name(self) -> str:
        return user_name(self.user_id)

    @property
    def identity(self) -> str:
        """Everything that decides about access: cached responses belong to one identity."""
        return f"user/{self.user_id} {self.role} {' '.join(sorted(self.scopes))}"

    @property
    def has_full_access(self) -> bool:
        """Whether the rows of all users are visible."""
        return self.role is Role.ADMIN and ADMIN_SCOPE in self.scopes

    def require_scopes(self, scopes: Iterable[str]) -> None:
        """Check that the principal has all of these scopes; `MissingScope` if not."""
        if not self.scopes.issuperset(scopes):
            raise MissingScope(sorted(scopes))


def allowed_scopes(role: Role, scopes: Iterable[str]) -> frozenset[str]:
    """Those of the scopes that users with this role may have."""
    return frozenset(scopes) - (frozenset() if role is Role.ADMIN else {ADMIN_SCOPE})


def grant_scopes(requested: str, role: Role, known: Iterable[str]) -> str:
    """The scope of a new token (RFC 6749, section 3.3): by default everything that is allowed."""
    allowed = allowed_scopes(role, known)
    wanted = frozenset(requested.split()) or allowed
    return " ".join(sorted(allowed & wanted))
