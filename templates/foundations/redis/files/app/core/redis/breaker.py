"""Leaves a server alone that does not answer: waiting for it helps nobody."""

from collections.abc import Callable
from time import monotonic

from app.core.logging import get_logger

logger = get_logger(__name__)

QUIET_SECONDS = 30
"""At most one line in that time says that Redis is still silent."""


FIRST_PART = 1 / 16
"""How much of a pause follows a first failure, which may be a hiccup; it doubles with each."""


class Breaker:
    """After a failure nobody asks for a while, `longest_pause` seconds at most; then one does, and
    speaks for all.
    """

    def __init__(self, longest_pause: float, clock: Callable[[], float] = monotonic) -> None:
        self._longest_pause = longest_pause
        self._pause = longest_pause * FIRST_PART
        self._clock = clock
        self._closed_until = 0.0
        self._said_at = -float(QUIET_SECONDS)
        self.is_open = True
        """Whether the last answer came."""

    def lets_pass(self) -> bool:
        """Whether to ask; who asks a silent server keeps the others away meanwhile."""
        if self.is_open:
            return True
        now = self._clock()
        if now < self._closed_until:
            return False
        self._closed_until = now + self._longest_pause
        return True

    def failed(self, error: BaseException) -> None:
        self.is_open = False
        now = self._clock()
        self._closed_until = now + self._pause
        self._pause = min(self._pause * 2, self._longest_pause)
        if now >= self._said_at + QUIET_SECONDS:
            self._said_at = now
            logger.warning("redis_unavailable", error=repr(error))

    def answered(self) -> None:
        if not self.is_open:
            self.is_open = True
            self._pause = self._longest_pause * FIRST_PART
            logger.info("redis_available")
