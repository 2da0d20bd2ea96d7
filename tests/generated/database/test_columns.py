"""Values come back as they were stored, and sort as they should."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from app.core.repository import Query
from app.core.sql.storage import Storage
from tests.sql.notes import NoteRepository, texts

PRICES = ["9999999999.99", "100.00", "20.10", "0.01", "0.00", "-0.01", "-10.50"]


async def test_decimals_are_exact_and_sort_by_value(notes: Storage) -> None:
    async with notes.unit() as unit:
        for price in PRICES:
            await NoteRepository(unit).add({"text": price, "price": Decimal(price)})

    found = await NoteRepository(notes.reads).page(Query(order_by="price"))

    assert [str(note.price) for note in found.rows] == PRICES[::-1]
    assert await texts(notes.reads, Query(at_least={"price": Decimal("20.10")})) == PRICES[:3]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5, minutes=-30))])
async def test_moments_are_kept_in_utc(notes: Storage, zone: timezone) -> None:
    moment = datetime(2030, 1, 31, 23, 59, 59, 123456, tzinfo=zone)
    async with notes.unit() as unit:
        stored = await NoteRepository(unit).add({"text": "a", "due_at": moment})

    read = await NoteRepository(notes.reads).get(1)

    assert read == stored
    assert read.due_at is not None
    assert read.due_at == moment
    assert read.due_at.utcoffset() == timedelta(0)
    assert await texts(notes.reads, Query(at_least={"due_at": moment})) == ["a"]
    assert await texts(notes.reads, Query(below={"due_at": moment})) == []


async def test_nothing_stays_nothing(notes: Storage) -> None:
    async with notes.unit() as unit:
        stored = await NoteRepository(unit).add({"text": "a"})

    assert (stored.price, stored.due_at, stored.body, stored.owner) == (None, None, None, "ann")
