"""Readiness: whether this process should receive requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Probe = Callable[[], Awaitable[None]]
"""Checks one dependency of the service, such as the database; raises if it does not respond."""

TIMEOUT_SECONDS = 2
"""Of each probe."""
PROBES = frozenset({"/health", "/ready", "/metrics"})
"""Paths that are called by the address of the instance: middleware always lets them pass.

A service has `/metrics` by the extra of that name, or by a route of its own.
"""


def is_probe(scope: Mapping[str, Any]) -> bool:
    """Whether the request is a probe of a load balancer, Kubernetes or the like."""
    return scope["path"].removeprefix(scope.get("root_path", "")) in PROBES


class Readiness:
    """Runs the probes. `draining` is set at SIGTERM: `/ready` then returns 503."""

    def __init__(self, probes: Mapping[str, Probe], *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._probes = probes
        self._timeout = timeout
        self.draining = False

    async def check(self) -> dict[str, bool]:
        """Dependency -> whether it responds within the timeout. All probes run at the same time."""
        responses = await asyncio.gather(
            *(self._responds(probe) for probe in self._probes.values())
        )
        return dict(zip(self._probes, responses, strict=True))

    async def _responds(self, probe: Probe) -> bool:
        try:
            async with asyncio.timeout(self._timeout):
                await probe()
        except Exception:  # noqa: BLE001  # any error means that it is unavailable
            return False
        return True
