"""Cursors cannot be forged."""

import pytest

from app.core.errors import Invalid
from app.core.pagination import CursorCodec

codec = CursorCodec("a secret")


@pytest.mark.parametrize("row_id", [0, 1, 2**63 - 1])
def test_decoding_reverses_encoding(row_id: int) -> None:
    assert codec.decode(codec.encode(row_id)) == row_id


@pytest.mark.parametrize("cursor", [None, ""])
def test_the_first_page_starts_before_the_first_row(cursor: str | None) -> None:
    assert codec.decode(cursor) == 0


@pytest.mark.parametrize("cursor", ["x", "é", "====", "A" * 32, "A" * 33, "\x00"])
def test_nonsense_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        codec.decode(cursor)


def test_every_changed_character_is_noticed() -> None:
    cursor = codec.encode(7)

    for index, character in enumerate(cursor):
        forged = cursor[:index] + ("A" if character != "A" else "B") + cursor[index + 1 :]
        with pytest.raises(Invalid):
            codec.decode(forged)


def test_another_secret_makes_other_cursors() -> None:
    with pytest.raises(Invalid):
        CursorCodec("another secret").decode(codec.encode(7))
