"""Rows in memory are kept as a database keeps them."""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from app.core.errors import Conflict, NotFound
from app.core.query import Filter, RowQuery, RowScope
from app.memory.base import Row
from app.memory.database import Database
from app.memory.repository import Repository
from app.memory.session import ReadSession, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Row):
    text: str
    owner: str = "ann"
    code: str | None = field(default=None, metadata={"unique": True})


class NoteRepository(Repository[Note]):
    model = Note
    search_fields = ("text",)


@pytest.fixture
def database() -> Database:
    return Database()


async def add(database: Database, *texts: str) -> None:
    async with database.session() as session:
        for text in texts:
            await NoteRepository(session).add(Note(text=text))


async def update(session: Session, row_id: int, changes: dict[str, Any]) -> Note:
    notes = NoteRepository(session)
    return await notes.update(await notes.get_for_update(row_id), changes)


async def delete(rows: Repository[Any], row_id: int) -> None:
    await rows.delete(await rows.get_for_update(row_id))


async def texts(session: ReadSession, query: RowQuery | None = None) -> list[str]:
    found = await NoteRepository(session).page(query or RowQuery())
    return [note.text for note in found.rows]


async def test_writes_are_seen_after_the_commit(database: Database) -> None:
    async with database.session() as session:
        await NoteRepository(session).add(Note(text="new"))

        assert await texts(session) == ["new"]
        assert await texts(database.read_session()) == []
    assert await texts(database.read_session()) == ["new"]


async def test_listeners_get_the_changed_models_after_a_commit(database: Database) -> None:
    told: list[tuple[frozenset[str], list[str]]] = []

    async def listen(models: frozenset[str]) -> None:
        told.append((models, await texts(database.read_session())))

    database.on_commit.append(listen)
    await add(database, "new", "newer")
    await add(database)
    with pytest.raises(NotFound):
        async with database.session() as session:
            await update(session, 1, {"text": "changed"})
            await delete(NoteRepository(session), 7)

    assert told == [(frozenset({"Note"}), ["new", "newer"])]


async def test_an_error_undoes_everything(database: Database) -> None:
    await add(database, "old")

    with pytest.raises(RuntimeError):
        async with database.session() as session:
            notes = NoteRepository(session)
            await notes.add(Note(text="new"))
            await update(session, 1, {"text": "changed"})
            raise RuntimeError

    assert await texts(database.read_session()) == ["old"]


async def test_changes_within_one_session_add_up(database: Database) -> None:
    await add(database, "one", "two")

    async with database.session() as session:
        notes = NoteRepository(session)
        await update(session, 1, {"text": "first"})
        changed = await update(session, 1, {"text": "second"})
        await delete(notes, 2)
        assert changed.version == 3
        assert await update(session, 1, {"text": "second"}) == changed
        assert await texts(session) == ["second"]

    assert await texts(database.read_session()) == ["second"]


async def test_no_change_of_two_sessions_at_the_same_time_is_lost(database: Database) -> None:
    await add(database, "")

    async def append(letter: str) -> None:
        async with database.session() as session:
            note = await NoteRepository(session).get(1)
            await asyncio.sleep(0)
            await update(session, 1, {"text": note.text + letter})

    await asyncio.gather(append("a"), append("b"))

    assert await texts(database.read_session()) == ["ab"]


async def test_a_hook_may_write(database: Database) -> None:
    async with database.session() as session:
        session.on_commit(partial(add, database, "second"))
        await NoteRepository(session).add(Note(text="first"))

    assert await texts(database.read_session()) == ["first", "second"]


async def test_the_id_of_a_deleted_row_is_not_used_again(database: Database) -> None:
    await add(database, "one", "two")
    async with database.session() as session:
        await delete(NoteRepository(session), 2)

    await add(database, "three")

    rows = await NoteRepository(database.read_session()).list_after(1, 10)
    assert [row.id for row in rows] == [3]


async def test_a_unique_value_is_there_once(database: Database) -> None:
    async with database.session() as session:
        notes = NoteRepository(session)
        await notes.add(Note(text="first", code="a"))
        await update(session, 1, {"text": "still the first", "code": "a"})
        with pytest.raises(Conflict):
            await notes.add(Note(text="second", code="a"))

    assert await texts(database.read_session()) == ["still the first"]


async def test_a_read_session_cannot_write(database: Database) -> None:
    with pytest.raises(TypeError, match="cannot write"):
        await NoteRepository(database.read_session()).add(Note(text="new"))


async def test_rows_outside_of_the_scope_do_not_exist(database: Database) -> None:
    bob = RowScope.of(owner="bob")
    await add(database, "of ann")
    async with database.session() as session:
        await NoteRepository(session, bob).add(Note(text="of bob"))

    of = NoteRepository(database.read_session(), bob)
    assert [note.text for note in (await of.page(RowQuery())).rows] == ["of bob"]
    assert [note.id for note in await of.list_after(0, 10)] == [2]
    with pytest.raises(NotFound):
        await of.get(1)


async def test_defaults_limit_nothing(database: Database) -> None:
    await add(database, "of ann")
    async with database.session() as session:
        of = NoteRepository(session, RowScope(defaults={"owner": "bob"}))

        assert (await of.add(Note(text="of bob"))).owner == "bob"
        assert len(await of.list_after(0, 10)) == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (RowQuery(order_by="text"), ["Apple", "banana", "pineapple"]),
        (RowQuery(order_by="text", descending=True), ["pineapple", "banana", "Apple"]),
        (RowQuery(search="APPLE"), ["Apple", "pineapple"]),
        (RowQuery(filters=[Filter("text", "in", ["banana", "kiwi"])]), ["banana"]),
        (RowQuery(filters=[Filter("id", "ge", 2), Filter("id", "lt", 3)]), ["banana"]),
        (RowQuery(filters=[Filter("id", "ge", 2), Filter("id", "le", 2)]), ["banana"]),
        (RowQuery(filters=[Filter("id", "ge", 1), Filter("id", "ge", 3)]), ["pineapple"]),
        (RowQuery(offset=1, limit=1), ["banana"]),
        (RowQuery(offset=9), []),
    ],
)
async def test_queries(database: Database, query: RowQuery, expected: list[str]) -> None:
    await add(database, "Apple", "banana", "pineapple")

    assert await texts(database.read_session(), query) == expected


async def test_null_only_meets_a_filter_for_null(database: Database) -> None:
    async with database.session() as session:
        await NoteRepository(session).add(Note(text="without"))
        await NoteRepository(session).add(Note(text="with", code="b"))

    async def found(*filters: Filter) -> list[str]:
        return await texts(database.read_session(), RowQuery(filters=filters))

    assert await found(Filter("code", "is_null", value=True)) == ["without"]
    assert await found(Filter("code", "is_null", value=False)) == ["with"]
    assert await found(Filter("code", "ge", "a")) == ["with"]
    assert await found(Filter("code", "lt", "c")) == ["with"]


async def test_criteria_of_a_list_by_id(database: Database) -> None:
    await add(database, "Apple", "banana", "pineapple")

    later = RowQuery(search="apple", filters=[Filter("text", "in", ["banana", "pineapple"])])
    found = await NoteRepository(database.read_session()).list_after(0, 10, later)

    assert [note.text for note in found] == ["pineapple"]


async def test_hooks_run_after_the_commit_only(database: Database) -> None:
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append(await texts(database.read_session()))

    async with database.session() as session:
        session.on_commit(look)
        await NoteRepository(session).add(Note(text="new"))
    with pytest.raises(RuntimeError):
        async with database.session() as session:
            session.on_commit(look)
            raise RuntimeError

    assert seen == [["new"]]


async def test_a_failing_hook_is_logged_and_no_more(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("hook")

    async with database.session() as session:
        session.on_commit(fail)
        await NoteRepository(session).add(Note(text="new"))

    assert await texts(database.read_session()) == ["new"]
    assert "on_commit_hook_failed" in caplog.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark(Row):
    note_id: int | None = field(metadata={"refers_to": Note})


class RemarkRepository(Repository[Remark]):
    model = Remark


class TestReferences:
    async def test_they_lead_somewhere(self, database: Database) -> None:
        with pytest.raises(Conflict, match="Foreign-key"):
            async with database.session() as session:
                await RemarkRepository(session).add(Remark(note_id=1))

        assert await RemarkRepository(database.read_session()).list_after(0, 10) == []

    async def test_referenced_rows_are_not_deleted(self, database: Database) -> None:
        await add(database, "new")
        async with database.session() as session:
            remark = await RemarkRepository(session).add(Remark(note_id=1))
            await RemarkRepository(session).add(Remark(note_id=None))

        with pytest.raises(Conflict, match="Foreign-key"):
            async with database.session() as session:
                await delete(NoteRepository(session), 1)
        async with database.session() as session:
            await delete(NoteRepository(session), 1)
            await delete(RemarkRepository(session), remark.id)

        assert await texts(database.read_session()) == []
