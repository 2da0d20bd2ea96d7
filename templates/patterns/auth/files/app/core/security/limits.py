"""Limits on guessing, in attempts and time.

- An address that fails with an account waits, for that account.
- An address that fails with many accounts waits, for all of them.
- An account that many addresses fail with lets in only addresses that it has been signed in from
  before. So its owner is not locked out by others, and a session that is open is never touched.

During a Redis outage, rate limits apply per process.
"""

import hashlib
import math
import time

from limits import RateLimitItem, parse
from limits.aio.strategies import FixedWindowRateLimiter

from app.core.addresses import network
from app.core.security.errors import RateLimited
from app.core.security.settings import AuthSettings
from app.redis.rate_limits import RateLimitStorage

KNOWN_SECONDS = 30 * 86_400
"""How long an address is known to an account after a success."""


class Attempts:
    """Counts failures, and says when it is enough. A success clears what its address has failed."""

    def __init__(self, settings: AuthSettings, storage: RateLimitStorage) -> None:
        self._storage = storage
        self._counter = FixedWindowRateLimiter(self._storage)
        self._pair = parse(settings.login_failures)
        self._address = parse(settings.login_failures_of_address)
        self._account = parse(settings.login_failures_of_account)
        self._registrations = parse(settings.registrations_of_address)

    async def check(self, email: str, address: str) -> None:
        """Say no before a password is even looked at.

        Raises:
            RateLimited: there were too many failures.
        """
        account, address = _digest(email), network(address)
        await self._check(self._pair, "pair", account, address)
        await self._check(self._address, "address", address)
        if not await self._is_known(account, address):
            await self._check(self._account, "account", account)

    async def failed(self, email: str, address: str) -> None:
        account, address = _digest(email), network(address)
        await self._counter.hit(self._pair, "pair", account, address)
        await self._counter.hit(self._address, "address", address)
        if not await self._is_known(account, address):
            await self._counter.hit(self._account, "account", account)

    async def succeeded(self, email: str, address: str) -> None:
        account, address = _digest(email), network(address)
        await self._counter.clear(self._pair, "pair", account, address)
        await self._storage.incr(_known(account, address), KNOWN_SECONDS)

    async def register(self, address: str) -> None:
        """Count somebody who wants to be a user.

        Raises:
            RateLimited: this address wanted that too often.
        """
        key = ("register", network(address))
        if not await self._counter.hit(self._registrations, *key):
            await self._refuse(self._registrations, *key)

    async def _check(self, limit: RateLimitItem, *key: str) -> None:
        if not await self._counter.test(limit, *key):
            await self._refuse(limit, *key)

    async def _refuse(self, limit: RateLimitItem, *key: str) -> None:
        ends_at = (await self._counter.get_window_stats(limit, *key)).reset_time
        raise RateLimited(retry_after=max(1, math.ceil(ends_at - time.time())))

    async def _is_known(self, account: str, address: str) -> bool:
        return await self._storage.get(_known(account, address)) > 0


def _known(account: str, address: str) -> str:
    return f"known/{account}/{address}"


def _digest(email: str) -> str:
    """Of any length, and with any character in it, whether there is such a user or not."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]
