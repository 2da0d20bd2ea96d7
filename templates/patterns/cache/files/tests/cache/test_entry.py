"""An entry comes back as it was, or not at all."""

import pytest

from app.core.cache.entry import Entry

ENTRY = Entry(b'{"name": "L\xc3\xa4mp"}\n', (("etag", '"1"'), ("vary", "origin")))
KEPT = ENTRY.encode(60)


def test_it_comes_back() -> None:
    entry = Entry.decode(ENTRY.encode(60))

    assert entry is not None
    assert (entry.body, entry.headers) == (ENTRY.body, ENTRY.headers)
    assert not entry.is_old
    assert not entry.is_missing


def test_before_its_end_it_is_old() -> None:
    entry = Entry.decode(ENTRY.encode(-1))

    assert entry is not None
    assert entry.is_old


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"rubbish",
        b"\x80\x04\x95",
        b"null\nbody",
        b"[]\nbody",
        b"[0, 1, false]\n",
        b"[0, null, false, []]\n",
        b"[0, 1, false, [1]]\n",
        b'[0, 1, false, {"a": 1}]\n',
        b'"0123"\n',
    ],
)
def test_rubbish_is_nothing(rubbish: bytes) -> None:
    assert Entry.decode(rubbish) is None


@pytest.mark.parametrize("damage", [(0, -1), (5, None), (0, -9)])
def test_what_was_cut_is_nothing(damage: tuple[int, int | None]) -> None:
    assert Entry.decode(KEPT[slice(*damage)]) is None


def test_what_was_changed_is_nothing() -> None:
    assert Entry.decode(KEPT.replace(b"name", b"Name")) is None
