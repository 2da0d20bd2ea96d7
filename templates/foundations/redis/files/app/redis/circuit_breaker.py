"""A circuit breaker: while Redis is down, requests fail at once instead of waiting."""

from collections.abc import Callable
from time import monotonic

from app.core.logging import get_logger

logger = get_logger(__name__)

LOG_INTERVAL_SECONDS = 30
"""An outage is logged at most once in that time."""
FIRST_PAUSE = 1 / 16
"""The first pause, as a part of the longest one. It doubles with each failure."""


class CircuitBreaker:
    """Closed: commands are sent. Open: they fail. After a pause, one command is sent as a trial."""

    def __init__(self, longest_pause: float, clock: Callable[[], float] = monotonic) -> None:
        self._longest_pause = longest_pause
        self._pause = longest_pause * FIRST_PAUSE
        self._clock = clock
        self._next_trial_at = 0.0
        self._logged_at = -float(LOG_INTERVAL_SECONDS)
        self._last_error: BaseException | None = None
        self.is_open = False
        """Whether the last command failed."""

    def allows(self) -> bool:
        """Whether a command may be sent. While a trial is under way, no other one is allowed."""
        if not self.is_open:
            return True
        now = self._clock()
        if now < self._next_trial_at:
            return False
        self._next_trial_at = now + self._longest_pause
        return True

    def record_failure(self, error: BaseException) -> None:
        if error is self._last_error:  # of another command that was sent in the same message
            return
        self._last_error = error
        self.is_open = True
        now = self._clock()
        self._next_trial_at = now + self._pause
        self._pause = min(self._pause * 2, self._longest_pause)
        if now >= self._logged_at + LOG_INTERVAL_SECONDS:
            self._logged_at = now
            logger.warning("redis_unavailable", error=repr(error))

    def record_success(self) -> None:
        if self.is_open:
            self.is_open = False
            self._last_error = None
            self._pause = self._longest_pause * FIRST_PAUSE
            logger.info("redis_available")
