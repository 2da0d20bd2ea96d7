"""Clients that call too often."""

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
    """Counts the calls of each client where `limits` says so, and refuses what is too much.

    A client is a user or an API key once its credentials have been found good, until then an
    address. Behind a proxy that is its address only with `TRUSTED_PROXIES`. All processes count
    together where they share a Redis; without one, and while it is silent, each for itself.
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
            self._begin()  # an application that is started again counts anew
        if scope["type"] != "http" or (rule := self._rule(scope)) is None:
            await self.app(scope, receive, send)
            return
        counter = FixedWindowRateLimiter(scope["state"].get("counts", self._own))
        client = self._callers.client(scope)
        for limit in rule.limits:
            if not await counter.hit(limit, rule.where, client):
                stats = await counter.get_window_stats(limit, rule.where, client)
                wait = max(1, math.ceil(stats.reset_time - time()))
                refusal = problem(
                    scope,
                    429,
                    "There were too many requests: wait, then try again.",
                    headers={"Retry-After": str(wait)},
                )
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)
        self._callers.remember(scope)

    def _rule(self, scope: Scope) -> Rule | None:
        return next((rule for rule in self._rules if rule.is_for(scope)), None)
