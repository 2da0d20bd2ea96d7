"""Entries survive encoding; damaged ones are not decoded."""

import pytest

from app.cache.entry import Entry

ENTRY = Entry(b'{"name": "L\xc3\xa4mp"}\n', ((b"etag", b'"1"'), (b"vary", b"origin")))
ENCODED = ENTRY.encode(60)


def test_an_entry_is_decoded() -> None:
    entry = Entry.decode(ENTRY.encode(60))

    assert entry is not None
    assert (entry.body, entry.headers) == (ENTRY.body, ENTRY.headers)
    assert not entry.is_old
    assert not entry.is_missing


def test_an_entry_is_old_before_it_expires() -> None:
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
def test_rubbish_is_not_an_entry(rubbish: bytes) -> None:
    assert Entry.decode(rubbish) is None


@pytest.mark.parametrize("damage", [(0, -1), (5, None), (0, -9)])
def test_a_truncated_entry_is_not_decoded(damage: tuple[int, int | None]) -> None:
    assert Entry.decode(ENCODED[slice(*damage)]) is None


def test_a_changed_entry_is_not_decoded() -> None:
    assert Entry.decode(ENCODED.replace(b"name", b"Name")) is None
