"""Whether this process should get requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

Probe = Callable[[], Awaitable[None]]
"""Asks one part that the service depends on, and raises if it does not answer."""

PROBES = frozenset({"/health", "/ready"})
"""Whoever keeps the service running always gets an answer from itself."""


class Readiness:
    """Asks all parts, and says no from SIGTERM on."""

    def __init__(self, probes: Mapping[str, Probe], *, timeout: float) -> None:
        self._probes = probes
        self._timeout = timeout
        self.draining = False

    async def check(self) -> dict[str, bool]:
        """Part -> whether it answers within the timeout (seconds); all are asked at once."""
        answers = await asyncio.gather(*(self._answers(probe) for probe in self._probes.values()))
        return dict(zip(self._probes, answers, strict=True))

    async def _answers(self, probe: Probe) -> bool:
        try:
            async with asyncio.timeout(self._timeout):
                await probe()
        except Exception:  # noqa: BLE001  # whatever it is, the part is not there
            return False
        return True
