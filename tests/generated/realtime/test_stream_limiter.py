"""So many streams, and not more."""

import pytest

from app.core.errors import TooManyRequests, Unavailable
from app.realtime.stream_settings import StreamSettings
from app.realtime.streams import StreamLimiter


@pytest.fixture
def limiter() -> StreamLimiter:
    return StreamLimiter(StreamSettings(streams_max=4))


def test_a_client_has_so_many(limiter: StreamLimiter) -> None:
    with limiter.limit("a"), limiter.limit("a"):
        with pytest.raises(TooManyRequests) as error, limiter.limit("a"):
            pass
        with limiter.limit("b"):
            assert limiter.total == 3

    assert error.value.headers == {"Retry-After": "5"}
    assert limiter.total == 0


def test_all_have_so_many(limiter: StreamLimiter) -> None:
    with (
        limiter.limit("a"),
        limiter.limit("b"),
        limiter.limit("c"),
        limiter.limit("d"),
        pytest.raises(Unavailable),
        limiter.limit("e"),
    ):
        pass

    with limiter.limit("d"):
        assert limiter.total == 1
