"""So many streams, and not more."""

import pytest

from app.core.errors import Unavailable
from app.realtime.stream_settings import StreamSettings
from app.realtime.streams import StreamLimiter, TooManyStreams


@pytest.fixture
def limiter() -> StreamLimiter:
    return StreamLimiter(StreamSettings(streams_max=3, streams_per_client=2))


def test_a_client_has_so_many(limiter: StreamLimiter) -> None:
    with limiter.limit("a"), limiter.limit("a"):
        with pytest.raises(TooManyStreams) as error, limiter.limit("a"):
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
        pytest.raises(Unavailable),
        limiter.limit("d"),
    ):
        pass

    with limiter.limit("d"):
        assert limiter.total == 1
