"""Clients that call too often."""

import math
from collections.abc import Mapping
from time import time

from limits.aio.strategies import FixedWindowRateLimiter
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.limits.callers import Callers
from app.core.limits.rules import Rule, rules
from app.core.limits.settings import LimitSettings
from app.core.problems import problem


def rate_limit(settings: LimitSettings) -> list[Middleware]:
    """The middleware, if there is any limit; the innermost, so that a refusal has all headers."""
    return [Middleware(RateLimit, settings.rate_limits)] if settings.rate_limits else []


class RateLimit:
    """Counts the calls of each client where `limits` says so, and refuses what is too much.

    A client is a user or an API key once its credentials have been found good, until then an
    address. Behind a proxy that is its address only with `TRUSTED_PROXIES`.
    """

    def __init__(self, app: ASGIApp, limits: Mapping[str, str]) -> None:
        self.app = app
        self._rules = rules(limits)
        self._callers = Callers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (rule := self._rule(scope)) is None:
            await self.app(scope, receive, send)
            return
        counter = FixedWindowRateLimiter(scope["state"]["counts"])
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
