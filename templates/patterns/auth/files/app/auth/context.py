"""The objects that authentication shares between requests."""

import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from httpx2 import AsyncClient
from limits.aio.storage import MemoryStorage, Storage
from pwdlib.hashers.argon2 import Argon2Hasher

from app.auth.identity_provider import IdentityProvider
from app.auth.passwords import PasswordHasher
from app.auth.throttling import LoginThrottle
from app.auth.tokens import TokenCodec
from app.core.config import CoreSettings
from app.db.base import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthContext:
    settings: CoreSettings
    tokens: TokenCodec
    passwords: PasswordHasher
    throttle: LoginThrottle
    identity_provider: IdentityProvider | None = None
    now: Callable[[], datetime] = utc_now
    on_user_deleted: list[Callable[[str], Awaitable[None]]] = field(default_factory=list)
    """Called with the name of the user after the commit, to delete what is not in the database."""

    def derive(self, purpose: str, value: str) -> str:
        """A text that only this service can compute from `value`, different for each purpose."""
        secret = self.settings.secret_key.get_secret_value()
        key = hmac.digest(secret.encode(), purpose.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256").hex()


@asynccontextmanager
async def open_auth(
    settings: CoreSettings, storage: Storage | None = None, http: AsyncClient | None = None
) -> AsyncGenerator[AuthContext]:
    """Rate limits apply per process without `storage`; only own tokens are valid without `http`."""
    argon2 = Argon2Hasher(
        time_cost=settings.argon2_time_cost,
        memory_cost=settings.argon2_memory_kib,
        parallelism=1,  # each hash has a thread of `passwords`
    )
    yield AuthContext(
        settings=settings,
        tokens=TokenCodec(settings),
        passwords=PasswordHasher(argon2, threads=settings.password_threads),
        throttle=LoginThrottle(settings, storage or MemoryStorage()),
        identity_provider=IdentityProvider(settings, http)
        if http and settings.jwt_jwks_url
        else None,
    )
