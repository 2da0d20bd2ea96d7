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
    return Breaker(5, clock)


def test_nobody_asks_until_the_pause_is_over(breaker: Breaker, clock: Clock) -> None:
    assert breaker.lets_pass()
    breaker.failed(TimeoutError())

    assert not breaker.lets_pass()
    clock.now += 4.9
    assert not breaker.lets_pass()


def test_then_one_asks_for_all(breaker: Breaker, clock: Clock) -> None:
    breaker.failed(TimeoutError())
    clock.now += 5

    assert [breaker.lets_pass() for _ in range(3)] == [True, False, False]


def test_an_answer_lets_everybody_pass(
    breaker: Breaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    breaker.failed(TimeoutError())
    clock.now += 5
    breaker.answered()

    assert [breaker.lets_pass() for _ in range(3)] == [True, True, True]
    assert caplog.text.count("redis_available") == 1


def test_it_is_said_once_in_a_while(
    breaker: Breaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        breaker.failed(TimeoutError())
    assert caplog.text.count("redis_unavailable") == 1

    clock.now += QUIET_SECONDS
    breaker.failed(TimeoutError())

    assert caplog.text.count("redis_unavailable") == 2
