"""The objects that authentication shares between requests."""

import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from limits.aio.storage import MemoryStorage, Storage
from pwdlib.hashers.argon2 import Argon2Hasher

from app.auth.passwords import PasswordHasher
from app.auth.throttling import LoginThrottle
from app.auth.tokens import TokenCodec
from app.core.config import CoreSettings


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthContext:
    settings: CoreSettings
    tokens: TokenCodec
    passwords: PasswordHasher
    throttle: LoginThrottle
    now: Callable[[], datetime] = utc_now
    on_user_deleted: list[Callable[[int], Awaitable[None]]] = field(default_factory=list)
    """Called with the id after the commit, to delete data of the user outside of the database."""

    def derive(self, purpose: str, value: str) -> str:
        """A text that only this service can compute from `value`, different for each purpose."""
        secret = self.settings.secret_key.get_secret_value()
        key = hmac.digest(secret.encode(), purpose.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256").hex()


@asynccontextmanager
async def open_auth(
    settings: CoreSettings, storage: Storage | None = None
) -> AsyncGenerator[AuthContext]:
    """Without `storage`, rate limits apply per process."""
    argon2 = Argon2Hasher(
        time_cost=settings.argon2_time_cost,
        memory_cost=settings.argon2_memory_kib,
        parallelism=settings.argon2_parallelism,
    )
    yield AuthContext(
        settings=settings,
        tokens=TokenCodec(settings),
        passwords=PasswordHasher(argon2, threads=settings.password_threads),
        throttle=LoginThrottle(settings, storage or MemoryStorage()),
    )
