"""What the checks of callers share, for as long as the process lives."""

import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core.config import CoreSettings
from app.core.security.limits import Attempts
from app.core.security.passwords import PasswordHasher
from app.core.security.tokens import TokenCodec
from app.redis.rate_limits import RateLimitStorage


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityTools:
    settings: CoreSettings
    tokens: TokenCodec
    passwords: PasswordHasher
    attempts: Attempts
    now: Callable[[], datetime] = utc_now
    """The clock that sessions go by."""
    farewells: list[Callable[[int], Awaitable[None]]] = field(default_factory=list)
    """What is done once a user has been deleted, for what belongs to the user and is no row."""

    def derive(self, purpose: str, value: str) -> str:
        """A text that only this service can make of `value`; another purpose gives another."""
        secret = self.settings.secret_key.get_secret_value()
        key = hmac.digest(secret.encode(), purpose.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256").hex()


@asynccontextmanager
async def open_security(
    settings: CoreSettings, rate_limits: RateLimitStorage | None = None
) -> AsyncGenerator[SecurityTools]:
    """The tools of an application; without `rate_limits`, limits apply per process."""
    yield SecurityTools(
        settings=settings,
        tokens=TokenCodec(settings),
        passwords=PasswordHasher(settings),
        attempts=Attempts(settings, rate_limits or RateLimitStorage(None)),
    )
