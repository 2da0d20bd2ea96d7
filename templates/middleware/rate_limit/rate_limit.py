"""Rate limits by path and client."""

import math
from collections.abc import Mapping
from time import time
from typing import ClassVar

from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.limits.callers import Callers
from app.core.limits.rules import Rule, rules
from app.core.problems import problem


class RateLimit:
    """Counts the requests of each client, and returns 429 above the limit.

    A client is an authenticated user or API key, else an address. Behind a proxy, set
    `TRUSTED_PROXIES`, or all clients have the address of the proxy. With Redis, limits apply across
    all processes; without it, and during an outage, per process.
    """

    answers: ClassVar = (429,)

    def __init__(self, app: ASGIApp, limits: Mapping[str, str]) -> None:
        self.app = app
        self._rules = rules(limits)
        self._begin()

    def _begin(self) -> None:
        self._callers = Callers()
        self._own = MemoryStorage()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self._begin()  # the counts of an earlier run do not apply
        if scope["type"] != "http" or (rule := self._rule(scope)) is None:
            await self.app(scope, receive, send)
            return
        counter = FixedWindowRateLimiter(scope["state"].get("rate_limits", self._own))
        client = self._callers.client(scope)
        for limit in rule.limits:
            if not await counter.hit(limit, rule.where, client):
                stats = await counter.get_window_stats(limit, rule.where, client)
                wait = max(1, math.ceil(stats.reset_time - time()))
                refusal = problem(
                    scope,
                    429,
                    "Too many requests: wait, then try again.",
                    headers={"Retry-After": str(wait)},
                )
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)
        self._callers.remember(scope)

    def _rule(self, scope: Scope) -> Rule | None:
        return next((rule for rule in self._rules if rule.is_for(scope)), None)
