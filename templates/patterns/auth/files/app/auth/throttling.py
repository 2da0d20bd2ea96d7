"""Rate limits of login attempts and registrations.

- Failures of an IP address for one account block the address for this account.
- Failures of an IP address for any account block it for all accounts.
- Failures of all addresses for one account block it for addresses that have never signed in to it.
  The owner is not locked out, and open sessions are not affected.

IPv6 addresses count by their /64 network. During a Redis outage, limits apply per process.
"""

import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from app.auth.settings import AuthSettings
from app.auth.tokens import digest_of
from app.core.addresses import network
from app.core.errors import TooManyRequests

RESETS_PER_ACCOUNT = "5/hour"
"""Mails for a forgotten password."""
KNOWN_SECONDS = 30 * 86_400
"""Time for which an account remembers an address after a login."""


class LoginThrottle:
    def __init__(self, settings: AuthSettings, storage: Storage) -> None:
        self._storage = storage
        self._limiter = FixedWindowRateLimiter(storage)
        self._per_pair = parse(settings.login_failures)
        self._per_ip = parse(settings.login_failures_per_ip)
        self._per_account = parse(settings.login_failures_per_account)
        self._registrations = parse(settings.registrations_per_ip)
        self._resets = parse(RESETS_PER_ACCOUNT)

    async def check(self, email: str, ip: str) -> None:
        """Before a password is verified: `TooManyRequests` after too many failures."""
        for limit, key in await self._limits(email, ip):
            if not await self._limiter.test(limit, key):
                await self._refuse(limit, key)

    async def count_failure(self, email: str, ip: str) -> None:
        for limit, key in await self._limits(email, ip):
            await self._limiter.hit(limit, key)

    async def count_success(self, email: str, ip: str) -> None:
        """Clear the failures of the address for this account."""
        pair = _pair(email, ip)
        await self._limiter.clear(self._per_pair, pair)
        await self._storage.incr(f"known/{pair}", KNOWN_SECONDS)

    async def count_registration(self, ip: str) -> None:
        """Before a user is created: `TooManyRequests` after too many registrations."""
        await self._hit(self._registrations, f"register/{network(ip)}")

    async def count_password_reset(self, email: str, ip: str) -> None:
        """Before a mail is sent: `TooManyRequests` after too many, also for unknown addresses."""
        await self._hit(self._registrations, f"reset/{network(ip)}")
        await self._hit(self._resets, f"reset-account/{digest_of(email)}")

    async def _limits(self, email: str, ip: str) -> list[tuple[RateLimitItem, str]]:
        pair = _pair(email, ip)
        limits = [(self._per_pair, pair), (self._per_ip, f"address/{network(ip)}")]
        if not await self._storage.get(f"known/{pair}"):
            limits.append((self._per_account, f"account/{digest_of(email)}"))
        return limits

    async def _hit(self, limit: RateLimitItem, key: str) -> None:
        if not await self._limiter.hit(limit, key):
            await self._refuse(limit, key)

    async def _refuse(self, limit: RateLimitItem, key: str) -> None:
        window = await self._limiter.get_window_stats(limit, key)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        raise TooManyRequests("Too many attempts. Try again later.", retry_after=seconds)


def _pair(email: str, ip: str) -> str:
    """The key of an account and an address."""
    return f"pair/{digest_of(email)}/{network(ip)}"
