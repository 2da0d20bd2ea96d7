"""A server that does not answer is left alone, and found again."""

import pytest

from app.core.redis.breaker import QUIET_SECONDS, Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(16, clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed(TimeoutError())


@pytest.mark.parametrize(("times", "pause"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (9, 16)])
def test_nobody_asks_until_the_pause_is_over(
    breaker: Breaker, clock: Clock, times: int, pause: float
) -> None:
    """A hiccup is soon forgotten; the longer it lasts, the less often anybody asks."""
    assert breaker.lets_pass()
    fail(breaker, times)

    clock.now += pause - 0.1
    assert not breaker.lets_pass()
    clock.now += 0.1
    assert breaker.lets_pass()


def test_then_one_asks_for_all(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 16

    assert [breaker.lets_pass() for _ in range(3)] == [True, False, False]


def test_an_answer_lets_everybody_pass(
    breaker: Breaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fail(breaker, 5)
    breaker.answered()

    assert [breaker.lets_pass() for _ in range(3)] == [True, True, True]
    fail(breaker, 1)
    clock.now += 1
    assert breaker.lets_pass()
    assert caplog.text.count("redis_available") == 1


def test_it_is_said_once_in_a_while(
    breaker: Breaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fail(breaker, 10)
    assert caplog.text.count("redis_unavailable") == 1

    clock.now += QUIET_SECONDS
    fail(breaker, 1)

    assert caplog.text.count("redis_unavailable") == 2
