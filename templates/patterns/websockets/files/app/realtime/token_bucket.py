"""How often something may happen."""

import time


class TokenBucket:
    """Limits a rate, but lets a burst through at once."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = burst
        self._refilled_at = time.monotonic()

    def take(self, count: int = 1) -> bool:
        """Count some more, and return whether they are within the limit."""
        now = time.monotonic()
        refill = (now - self._refilled_at) * self._per_second
        self._tokens = min(self._burst, self._tokens + refill) - count
        self._refilled_at = now
        return self._tokens >= 0
