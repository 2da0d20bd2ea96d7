"""So many streams, and not more."""

import pytest

from app.core.errors import Unavailable
from app.core.streams.errors import TooManyStreams
from app.core.streams.settings import StreamSettings
from app.core.streams.slots import Slots


@pytest.fixture
def slots() -> Slots:
    return Slots(StreamSettings(streams_max=3, streams_per_client=2))


def test_a_client_has_so_many(slots: Slots) -> None:
    with slots.take("a"), slots.take("a"):
        with pytest.raises(TooManyStreams) as error, slots.take("a"):
            pass
        with slots.take("b"):
            assert slots.taken == 3

    assert error.value.headers == {"Retry-After": "5"}
    assert slots.taken == 0


def test_all_have_so_many(slots: Slots) -> None:
    with (
        slots.take("a"),
        slots.take("b"),
        slots.take("c"),
        pytest.raises(Unavailable),
        slots.take("d"),
    ):
        pass

    with slots.take("d"):
        assert slots.taken == 1
