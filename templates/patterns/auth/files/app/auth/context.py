"""The objects that authentication shares between requests."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from httpx2 import AsyncClient
from limits.aio.storage import MemoryStorage, Storage

from app.auth.identity_provider import IdentityProvider
from app.auth.passwords import PasswordHasher
from app.auth.throttling import LoginThrottle
from app.auth.tokens import TokenCodec
from app.db.base import utc_now
from app.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthContext:
    settings: Settings
    tokens: TokenCodec
    passwords: PasswordHasher
    throttle: LoginThrottle
    identity_provider: IdentityProvider | None = None
    now: Callable[[], datetime] = utc_now
    on_user_deleted: list[Callable[[str], Awaitable[None]]] = field(default_factory=list)
    """Called with the name of the user after the commit, to delete what is not in the database."""


def make_auth(
    settings: Settings, storage: Storage | None = None, http: AsyncClient | None = None
) -> AuthContext:
    """Rate limits apply per process without `storage`; only own tokens are valid without `http`."""
    return AuthContext(
        settings=settings,
        tokens=TokenCodec(settings),
        passwords=PasswordHasher(settings),
        throttle=LoginThrottle(settings, storage or MemoryStorage()),
        identity_provider=IdentityProvider(settings, http)
        if http and settings.jwt_jwks_url
        else None,
    )
