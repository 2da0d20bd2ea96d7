"""The circuit breaker opens at a failure, and closes after a trial that succeeds."""

import pytest

from app.redis.circuit_breaker import LOG_INTERVAL_SECONDS, CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(16, clock)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.record_failure(TimeoutError())


@pytest.mark.parametrize(("times", "pause"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (9, 16)])
def test_it_is_open_until_the_pause_is_over(
    breaker: CircuitBreaker, clock: Clock, times: int, pause: float
) -> None:
    """The pause doubles with each failure."""
    assert breaker.allows()
    fail(breaker, times)
    assert breaker.is_open

    clock.now += pause - 0.1
    assert not breaker.allows()
    clock.now += 0.1
    assert breaker.allows()


def test_commands_that_fail_together_are_one_failure(breaker: CircuitBreaker, clock: Clock) -> None:
    error = TimeoutError()
    for _ in range(5):
        breaker.record_failure(error)

    clock.now += 1
    assert breaker.allows()


def test_after_the_pause_one_trial_is_allowed(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 16

    assert [breaker.allows() for _ in range(3)] == [True, False, False]


def test_a_success_closes_it(
    breaker: CircuitBreaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fail(breaker, 5)
    breaker.record_success()

    assert not breaker.is_open
    assert [breaker.allows() for _ in range(3)] == [True, True, True]
    fail(breaker, 1)
    clock.now += 1
    assert breaker.allows()
    assert caplog.text.count("redis_available") == 1


def test_an_outage_is_logged_once_in_an_interval(
    breaker: CircuitBreaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fail(breaker, 10)
    assert caplog.text.count("redis_unavailable") == 1

    clock.now += LOG_INTERVAL_SECONDS
    fail(breaker, 1)

    assert caplog.text.count("redis_unavailable") == 2
