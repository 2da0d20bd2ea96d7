"""What a repository asks of a database, and what it makes of the answers."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from app.core.errors import Conflict, NotFound, PreconditionFailed
from app.core.repository import Query
from app.core.sql.storage import Storage
from tests.sql.faults import counting
from tests.sql.notes import NoteRepository, add, texts


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(order_by="text"), ["Apple", "banana", "pineapple"]),
        (Query(order_by="text", descending=True), ["pineapple", "banana", "Apple"]),
        (Query(search="APPLE"), ["Apple", "pineapple"]),
        (Query(search="%"), []),
        (Query(search="_"), []),
        (Query(any_of={"text": ["banana", "kiwi"]}), ["banana"]),
        (Query(at_least={"id": 2}, below={"id": 3}), ["banana"]),
        (Query(offset=1, limit=1), ["banana"]),
        (Query(offset=9), []),
    ],
)
async def test_queries(notes: Storage, query: Query, expected: list[str]) -> None:
    await add(notes, "Apple", "banana", "pineapple")

    assert await texts(notes.reads, query) == expected


@pytest.mark.parametrize("search", ["äpfel", "ÄPFEL", "ЯБЛОКО", "100%", "a_b", "c/d", "e\\f"])
async def test_search_in_every_alphabet(notes: Storage, search: str) -> None:
    await add(notes, "Äpfel яблоко 100% a_b c/d e\\f", "apfel 100 axb")

    assert await texts(notes.reads, Query(search=search)) == ["Äpfel яблоко 100% a_b c/d e\\f"]


async def test_texts_are_told_apart_by_every_character(notes: Storage) -> None:
    await add(notes, "a", "A", "ä")

    assert await texts(notes.reads, Query(any_of={"text": ["a"]})) == ["a"]


async def test_how_many_there_are_in_all(notes: Storage) -> None:
    await add(notes, "a", "b", "c")

    found = await NoteRepository(notes.reads).page(Query(offset=5, search=""))

    assert (found.rows, found.total) == ([], 3)


async def test_each_operation_is_one_statement(notes: Storage) -> None:
    await add(notes, "a", "b")
    operations: dict[str, Callable[[NoteRepository], Awaitable[object]]] = {
        "get": lambda of: of.get(1),
        "after": lambda of: of.after(0, 10),
        "page": lambda of: of.page(Query(search="a")),
        "add": lambda of: of.add({"text": "c"}),
        "update": lambda of: of.update(1, {"text": "d"}, versions={1}),
        "remove": lambda of: of.remove(2),
    }
    counts = {}
    for name, operation in operations.items():
        async with notes.unit() as unit:
            with counting(notes) as statements:
                await operation(NoteRepository(unit))
            counts[name] = len([one for one in statements if not one.startswith("BEGIN")])

    returns = notes.database.returns_updated
    assert counts == {
        "get": 1,
        "after": 1,
        "page": 2,
        "add": 1,
        "update": 1 if returns else 2,
        "remove": 1,
    }


async def test_a_server_that_returns_nothing_is_asked_for_the_row(
    notes: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = notes.database.writes.dialect
    monkeypatch.setattr(dialect, "update_returning", False)
    await add(notes, "old")

    async with notes.unit() as unit:
        changed = await NoteRepository(unit).update(1, {"text": "new"})
        with pytest.raises(NotFound):
            await NoteRepository(unit).update(2, {"text": "new"})

    assert (changed.text, changed.version) == ("new", 2)
    assert await NoteRepository(notes.reads).get(1) == changed


async def test_a_write_needs_the_wanted_version(notes: Storage) -> None:
    await add(notes, "old")

    for versions in ({2}, set[int]()):
        async with notes.unit() as unit:
            of = NoteRepository(unit)
            with pytest.raises(PreconditionFailed):
                await of.update(1, {"text": "new"}, versions=versions)
            with pytest.raises(PreconditionFailed):
                await of.remove(1, versions=versions)

    assert await texts(notes.reads) == ["old"]


@pytest.mark.parametrize(
    "values",
    [
        {"text": "old"},
        {"text": "new", "parent_id": 7},
        {"text": "new", "price": Decimal("-10.51")},
    ],
)
async def test_clashes(notes: Storage, values: dict[str, object]) -> None:
    await add(notes, "old")

    with pytest.raises(Conflict):
        async with notes.unit() as unit:
            await NoteRepository(unit).add(values)

    assert await texts(notes.reads) == ["old"]


async def test_ids_are_not_given_again(notes: Storage) -> None:
    await add(notes, "a", "b")
    async with notes.unit() as unit:
        await NoteRepository(unit).remove(2)

    await add(notes, "c")

    assert [note.id for note in await NoteRepository(notes.reads).after(0, 10)] == [1, 3]
