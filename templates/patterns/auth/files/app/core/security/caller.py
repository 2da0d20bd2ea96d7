"""Who is calling, and what the caller may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.security.errors import MissingScope

ADMIN_SCOPE = "admin"


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A user, by one of the sessions or by one of the API keys of the user."""

    user_id: int
    role: Role
    scopes: frozenset[str]
    session_id: int | None
    """None: by an API key."""
    expires_at: datetime | None = None
    """When the token ends; None: an API key."""

    @property
    def identity(self) -> str:
        """The user, with all that decides about access: what is cached for it is for no other."""
        return f"user/{self.user_id} {self.role} {' '.join(sorted(self.scopes))}"

    @property
    def sees_everything(self) -> bool:
        """An admin, unless the token was made for less."""
        return self.role is Role.ADMIN and ADMIN_SCOPE in self.scopes

    def must_have(self, scopes: Iterable[str]) -> None:
        """Check that the token, or the key, is good for this.

        Raises:
            MissingScope: it is not.
        """
        if not self.scopes.issuperset(scopes):
            raise MissingScope(scopes)


def grantable(role: Role, known: frozenset[str]) -> frozenset[str]:
    """The scopes that somebody with this role may have, out of all that there are."""
    return known if role is Role.ADMIN else known - {ADMIN_SCOPE}


def granted(wanted: str, role: Role, known: frozenset[str]) -> str:
    """What a token gets that asks for `wanted`: of that what the role allows; by default all.

    As in RFC 6749, section 3.3, scopes are parted by blanks, and the answer says what was granted.
    """
    possible = grantable(role, known)
    return " ".join(sorted(possible.intersection(wanted.split()) if wanted.strip() else possible))
