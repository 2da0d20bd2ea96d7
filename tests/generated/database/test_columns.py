"""Values are stored and sorted the same on every server."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import ColumnElement, case, func, insert, select, text, update
from sqlalchemy.dialects import postgresql

from app.core.query import Filter, RowQuery
from app.db.columns import Exact, Timestamp
from app.db.database import Database
from tests.insides.database.notes import Color, Note, NoteRepository, texts

PRICES = ["9999999999.99", "100.00", "20.10", "0.01", "0.00", "-0.01", "-10.50"]


async def add_priced(notes: Database, *prices: str) -> None:
    async with notes.session() as session:
        for price in prices:
            await NoteRepository(session).add(Note(text=price, price=Decimal(price)))


async def test_decimals_are_exact_and_sort_by_value(notes: Database) -> None:
    await add_priced(notes, *PRICES)

    found = await NoteRepository(notes.read_session()).page(RowQuery(order_by="price"))

    assert [str(note.price) for note in found.rows] == PRICES[::-1]
    query = RowQuery(filters=[Filter("price", "ge", Decimal("20.10"))])
    assert await texts(notes.read_session(), query) == PRICES[:3]


@pytest.mark.parametrize("price", [1, 1.0, "1.00", Decimal(1), 0.995, 1.004])
async def test_a_stored_decimal_has_one_form(notes: Database, price: Any) -> None:
    async with notes.session() as session:
        await NoteRepository(session).add(Note(text="a", price=price))

    assert str((await NoteRepository(notes.read_session()).get(1)).price) == "1.00"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Note.price * 2, "24.20"),
        (2 * Note.price, "24.20"),
        (Note.price + 1, "13.10"),
        (Note.price - Decimal("0.105"), "11.995"),
        (1 - Note.price, "-11.10"),
        (-Note.price, "-12.10"),
        (Note.price / 4, "3.025"),
        (Note.price / Decimal("0.125"), "96.8"),
        (Note.price // 5, "2"),
        (Note.price * Note.price, "146.41"),
        (Note.price * Note.tax, "6.05"),
        (Note.price * 0.1, "1.21"),
        ((Note.price + 1) * 3, "39.30"),
        (func.round(Note.price), "12"),
        (func.round(Note.price * Decimal("1.25"), 1), "15.1"),
        (func.abs(0 - Note.price), "12.10"),
        (func.avg(Note.price), "12.10"),
        (func.sum(Note.price), "12.10"),
        (func.max(Note.price), "12.10"),
        (func.coalesce(Note.price, 0), "12.10"),
        (case((Note.price > 12, Note.price), else_=0), "12.10"),
        (Note.tax, "0.5000"),
    ],
)
async def test_arithmetic(notes: Database, expression: ColumnElement[Any], expected: str) -> None:
    await add_priced(notes, "12.10")

    found = await notes.read_session().scalar(select(expression))

    assert isinstance(found, Decimal)
    assert found == Decimal(expected)


@pytest.mark.parametrize(
    "condition",
    [
        Note.price * 3 == Decimal("0.30"),
        3 * Note.price == Decimal("0.30"),
        Note.price + Decimal("0.2") == Decimal("0.3"),
        Note.price + Decimal("0.2") <= Decimal("0.3"),
        (Note.price + Decimal("0.2")).between(Decimal("0.3"), Decimal("0.3")),
        (Note.price * 3).in_([Decimal("0.3")]),
        Note.price < Note.price * Decimal("1.001"),
        Note.price < Decimal("0.101"),
        Note.price == "0.10",
        Note.price == 0.1,
        text("price < 1"),
        text("price = 0.1"),
    ],
)
async def test_comparisons(notes: Database, condition: Any) -> None:
    await add_priced(notes, "0.10")

    assert await notes.read_session().scalar(select(Note.id).where(condition)) == 1


async def test_sums_of_many(notes: Database) -> None:
    rows = [{"text": str(number), "price": Decimal("0.10")} for number in range(1000)]
    async with notes.session() as session:
        await session.execute(insert(Note), rows)
    read = notes.read_session()

    assert str(await read.scalar(select(func.sum(Note.price)))) == "100.00"
    total = select(func.count()).having(func.sum(Note.price) == 100).select_from(Note)
    assert await read.scalar(total) == 1000
    assert await read.scalar(select(func.avg(Note.price))) == Decimal("0.1")


async def test_updates_in_sql(notes: Database) -> None:
    await add_priced(notes, "12.10")
    async with notes.session() as session:
        await session.execute(update(Note).values(price=Note.price * Decimal("1.05")))

    read = notes.read_session()
    assert str((await NoteRepository(read).get(1)).price) == "12.71"
    same = RowQuery(filters=[Filter("price", "in", [Decimal("12.71")])])
    assert await texts(read, same) == ["12.10"]


def test_a_remainder_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="no remainder"):
        _ = Note.price % 5


@pytest.mark.parametrize("text", ["0E999999999", "0E-999999999", "-0E5"])
def test_a_zero_is_sent_without_its_exponent(text: str) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    sent = Exact().process_bind_param(Decimal(text), dialect)

    assert str(sent) == "0"


def test_more_digits_than_a_float_has_are_refused() -> None:
    with pytest.raises(ValueError, match="15 digits"):
        Exact(16, 2)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5, minutes=-30))])
async def test_moments_are_stored_in_utc(notes: Database, zone: timezone) -> None:
    moment = datetime(2030, 1, 31, 23, 59, 59, 123456, tzinfo=zone)
    async with notes.session() as session:
        await NoteRepository(session).add(Note(text="a", due_at=moment))

    read = await NoteRepository(notes.read_session()).get(1)

    assert read.due_at == moment
    assert read.due_at is not None
    assert read.due_at.utcoffset() == timedelta(0)
    since, before = (RowQuery(filters=[Filter("due_at", each, moment)]) for each in ("ge", "lt"))
    assert await texts(notes.read_session(), since) == ["a"]
    assert await texts(notes.read_session(), before) == []


@pytest.mark.parametrize("moment", [datetime.min, datetime.max, None])  # noqa: DTZ901
def test_infinity_has_a_time_zone_on_postgresql(moment: datetime | None) -> None:
    """The driver stores the first and the last moment as infinity."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    read = Timestamp().result_processor(dialect, None)

    assert read is not None
    assert read(moment) == (moment and moment.replace(tzinfo=UTC))


async def test_nulls_and_server_defaults(notes: Database) -> None:
    async with notes.session() as session:
        added = await NoteRepository(session).add(Note(text="a"))

        assert (added.price, added.due_at, added.body, added.owner) == (None, None, None, "ann")
        assert str(added.tax) == "0.5000"


async def test_an_enumeration_is_stored_as_the_names_of_its_members(notes: Database) -> None:
    async with notes.session() as session:
        await NoteRepository(session).add(Note(text="a", color=Color.RED))

    assert (await NoteRepository(notes.read_session()).get(1)).color is Color.RED
    stored = await notes.read_session().scalar(text("SELECT color FROM test_notes"))
    assert stored == "RED"
    assert Note.__table__.c.color.type.compile(notes.reads.dialect) == "VARCHAR(64)"
