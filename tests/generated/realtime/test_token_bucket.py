"""So much at once, and so much in a second."""

from itertools import count
from types import SimpleNamespace

import pytest

from app.realtime import token_bucket
from app.realtime.token_bucket import TokenBucket


@pytest.mark.parametrize(("seconds", "refilled"), [(0, 0), (1, 2), (1.5, 3), (60, 5)])
def test_a_bucket_refills_up_to_its_burst(
    monkeypatch: pytest.MonkeyPatch, seconds: float, refilled: int
) -> None:
    now = 7.0
    monkeypatch.setattr(token_bucket, "time", SimpleNamespace(monotonic=lambda: now))
    bucket = TokenBucket(per_second=2, burst=5)
    assert bucket.take(5)
    now += seconds

    assert next(taken for taken in count() if not bucket.take()) == refilled
