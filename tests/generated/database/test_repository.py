"""The queries of the base repository."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core.errors import Conflict, NotFound, PreconditionFailed
from app.core.query import Filter, RowQuery, RowScope
from app.db.database import Database
from app.db.repository import Repository
from tests.insides.database.faults import counting
from tests.insides.database.notes import Note, NoteRepository, add, texts


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (RowQuery(order_by="text"), ["Apple", "banana", "pineapple"]),
        (RowQuery(order_by="text", descending=True), ["pineapple", "banana", "Apple"]),
        (RowQuery(search="APPLE"), ["Apple", "pineapple"]),
        (RowQuery(search="%"), []),
        (RowQuery(search="_"), []),
        (RowQuery(filters=[Filter("text", "in", ["banana", "kiwi"])]), ["banana"]),
        (RowQuery(filters=[Filter("id", "ge", 2), Filter("id", "lt", 3)]), ["banana"]),
        (RowQuery(filters=[Filter("id", "ge", 2), Filter("id", "le", 2)]), ["banana"]),
        (RowQuery(filters=[Filter("id", "ge", 1), Filter("id", "ge", 3)]), ["pineapple"]),
        (RowQuery(offset=1, limit=1), ["banana"]),
        (RowQuery(offset=9), []),
    ],
)
async def test_queries(notes: Database, query: RowQuery, expected: list[str]) -> None:
    await add(notes, "Apple", "banana", "pineapple")

    assert await texts(notes.read_session(), query) == expected


async def test_null_only_meets_a_filter_for_null(notes: Database) -> None:
    async with notes.session() as session:
        await NoteRepository(session).add(Note(text="without", price=None))
        await NoteRepository(session).add(Note(text="with", price=Decimal(1)))

    async def found(*filters: Filter) -> list[str]:
        return await texts(notes.read_session(), RowQuery(filters=filters))

    assert await found(Filter("price", "is_null", value=True)) == ["without"]
    assert await found(Filter("price", "is_null", value=False)) == ["with"]
    assert await found(Filter("price", "ge", Decimal(-9))) == ["with"]
    assert await found(Filter("price", "lt", Decimal(9))) == ["with"]


async def test_criteria_of_a_list_by_id(notes: Database) -> None:
    await add(notes, "Apple", "banana", "pineapple")

    later = RowQuery(search="apple", filters=[Filter("text", "in", ["banana", "pineapple"])])
    found = await NoteRepository(notes.read_session()).list_after(0, 10, later)

    assert [note.text for note in found] == ["pineapple"]


@pytest.mark.parametrize("search", ["äpfel", "ÄPFEL", "ЯБЛОКО", "100%", "a_b", "c/d", "e\\f"])
async def test_search_in_every_alphabet(notes: Database, search: str) -> None:
    await add(notes, "Äpfel яблоко 100% a_b c/d e\\f", "apfel 100 axb")

    found = await texts(notes.read_session(), RowQuery(search=search))
    assert found == ["Äpfel яблоко 100% a_b c/d e\\f"]


async def test_a_search_without_fields_finds_nothing(notes: Database) -> None:
    class Unsearchable(Repository[Note]):
        model = Note

    await add(notes, "a")

    found = await Unsearchable(notes.read_session()).page(RowQuery(search="a"))
    assert (found.rows, found.total) == ([], 0)


async def test_a_filter_names_a_column_or_a_hybrid_property(notes: Database) -> None:
    await add(notes, "a", "abc")

    query = RowQuery(filters=[Filter("length", "ge", 2)], order_by="length")
    assert await texts(notes.read_session(), query) == ["abc"]


async def test_texts_differ_by_every_character(notes: Database) -> None:
    await add(notes, "a", "A", "ä")

    query = RowQuery(filters=[Filter("text", "in", ["a"])])
    assert await texts(notes.read_session(), query) == ["a"]


async def test_the_total_is_that_of_all_pages(notes: Database) -> None:
    await add(notes, "a", "b", "c")

    found = await NoteRepository(notes.read_session()).page(RowQuery(offset=5))

    assert (found.rows, found.total) == ([], 3)


async def test_statements_of_each_operation(notes: Database) -> None:
    await add(notes, "a", "b")
    operations: dict[str, Callable[[NoteRepository], Awaitable[object]]] = {
        "get": lambda of: of.get(1),
        "list_after": lambda of: of.list_after(0, 10),
        "page": lambda of: of.page(RowQuery(search="a")),
        "add": lambda of: of.add(Note(text="c")),
    }
    counts = {}
    for name, operation in operations.items():
        async with notes.session() as session:
            with counting(notes) as statements:
                await operation(NoteRepository(session))
            counts[name] = len([one for one in statements if not one.startswith("BEGIN")])
    for name in ("update", "delete"):
        async with notes.session() as session:
            of = NoteRepository(session)
            with counting(notes) as statements:
                row = await of.get_for_update(1)
                await (of.update(row, {"text": "d"}) if name == "update" else of.delete(row))
            counts[name] = len([one for one in statements if not one.startswith("BEGIN")])

    assert counts == {"get": 1, "list_after": 1, "page": 2, "add": 1, "update": 2, "delete": 2}


async def test_an_update_counts_the_version_up(notes: Database) -> None:
    await add(notes, "old")

    async with notes.session() as session:
        of = NoteRepository(session)
        changed = await of.update(await of.get_for_update(1), {"text": "new"})
        assert (changed.text, changed.version) == ("new", 2)
        assert changed.updated_at > changed.created_at
        changed_at = changed.updated_at
        same = await of.update(changed, {"text": "new"})
        assert (same.version, same.updated_at) == (2, changed_at)

    read = await NoteRepository(notes.read_session()).get(1)
    assert (read.version, read.updated_at) == (2, changed_at)


async def test_a_write_needs_the_wanted_version(notes: Database) -> None:
    await add(notes, "old")

    for versions in ({2}, set[int]()):
        async with notes.session() as session:
            with pytest.raises(PreconditionFailed):
                await NoteRepository(session).get_for_update(1, versions)


@pytest.mark.parametrize(
    "values",
    [
        {"text": "old"},
        {"text": "new", "parent_id": 7},
        {"text": "new", "price": Decimal("-10.51")},
    ],
)
async def test_conflicts(notes: Database, values: dict[str, object]) -> None:
    await add(notes, "old")

    with pytest.raises(Conflict):
        async with notes.session() as session:
            await NoteRepository(session).add(Note(**values))

    assert await texts(notes.read_session()) == ["old"]


async def test_a_row_in_use_stays(notes: Database) -> None:
    await add(notes, "old")
    async with notes.session() as session:
        await NoteRepository(session).add(Note(text="child", parent_id=1))

    with pytest.raises(Conflict):
        async with notes.session() as session:
            of = NoteRepository(session)
            await of.delete(await of.get_for_update(1))


async def test_ids_are_not_used_again(notes: Database) -> None:
    await add(notes, "a", "b")
    async with notes.session() as session:
        of = NoteRepository(session)
        await of.delete(await of.get(2))

    await add(notes, "c")

    found = await NoteRepository(notes.read_session()).list_after(0, 10)
    assert [note.id for note in found] == [1, 3]


async def test_a_read_session_cannot_write(notes: Database) -> None:
    with pytest.raises(TypeError, match="cannot write"):
        await NoteRepository(notes.read_session()).add(Note(text="new"))


class TestScope:
    async def test_rows_outside_of_it_do_not_exist(self, notes: Database) -> None:
        bob = RowScope.of(owner="bob")
        await add(notes, "of ann")
        async with notes.session() as session:
            await NoteRepository(session, bob).add(Note(text="of bob"))
            with pytest.raises(NotFound):
                await NoteRepository(session, bob).get_for_update(1)

        of = NoteRepository(notes.read_session(), bob)
        assert [note.text for note in (await of.page(RowQuery())).rows] == ["of bob"]
        assert (await of.page(RowQuery())).total == 1
        assert [note.id for note in await of.list_after(0, 10)] == [2]
        with pytest.raises(NotFound):
            await of.get(1)
        own = await of.session.scalars(of.scoped(select(Note)))
        assert [note.id for note in own] == [2]

    async def test_defaults_limit_nothing(self, notes: Database) -> None:
        await add(notes, "of ann")
        async with notes.session() as session:
            of = NoteRepository(session, RowScope(defaults={"owner": "bob"}))
            added = await of.add(Note(text="of bob"))

            assert added.owner == "bob"
            assert len(await of.list_after(0, 10)) == 2
