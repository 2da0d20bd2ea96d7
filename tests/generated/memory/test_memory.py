"""Storage in memory keeps the promises of a database."""

from dataclasses import dataclass, field

import pytest

from app.core.errors import Conflict, NotFound
from app.core.memory import Reads, Repository, Storage
from app.core.repository import Query
from app.models.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Row):
    text: str
    owner: str = "ann"
    code: str | None = field(default=None, metadata={"unique": True})


class NoteRepository(Repository[Note]):
    model = Note
    searched = ("text",)


@pytest.fixture
def storage() -> Storage:
    return Storage()


async def add(storage: Storage, *texts: str) -> None:
    async with storage.unit() as unit:
        for text in texts:
            await NoteRepository(unit).add({"text": text})


async def texts(handle: Reads, query: Query | None = None) -> list[str]:
    found = await NoteRepository(handle).page(query or Query())
    return [note.text for note in found.rows]


async def test_writes_are_seen_after_the_commit(storage: Storage) -> None:
    async with storage.unit() as unit:
        await NoteRepository(unit).add({"text": "new"})

        assert await texts(unit) == ["new"]
        assert await texts(storage.reads) == []
    assert await texts(storage.reads) == ["new"]


async def test_listeners_are_told_after_a_commit_what_has_changed(storage: Storage) -> None:
    told: list[tuple[frozenset[str], list[str]]] = []

    async def listen(models: frozenset[str]) -> None:
        told.append((models, await texts(storage.reads)))

    storage.listeners.append(listen)
    await add(storage, "new", "newer")
    await add(storage)
    with pytest.raises(NotFound):
        async with storage.unit() as unit:
            await NoteRepository(unit).update(1, {"text": "changed"})
            await NoteRepository(unit).remove(7)

    assert told == [(frozenset({"Note"}), ["new", "newer"])]


async def test_an_error_undoes_everything(storage: Storage) -> None:
    await add(storage, "old")

    with pytest.raises(RuntimeError):
        async with storage.unit() as unit:
            notes = NoteRepository(unit)
            await notes.add({"text": "new"})
            await notes.update(1, {"text": "changed"})
            raise RuntimeError

    assert await texts(storage.reads) == ["old"]


async def test_changes_within_one_unit_add_up(storage: Storage) -> None:
    await add(storage, "one", "two")

    async with storage.unit() as unit:
        notes = NoteRepository(unit)
        await notes.update(1, {"text": "first"})
        changed = await notes.update(1, {"text": "second"})
        await notes.remove(2)
        assert changed.version == 3
        assert await texts(unit) == ["second"]

    assert await texts(storage.reads) == ["second"]


async def test_of_two_units_that_change_a_row_one_wins(storage: Storage) -> None:
    await add(storage, "old")

    with pytest.raises(Conflict):
        async with storage.unit() as slow:
            await NoteRepository(slow).update(1, {"text": "slow"})
            async with storage.unit() as fast:
                await NoteRepository(fast).update(1, {"text": "fast"})

    assert await texts(storage.reads) == ["fast"]


async def test_a_unique_value_is_there_once(storage: Storage) -> None:
    async with storage.unit() as unit:
        notes = NoteRepository(unit)
        await notes.add({"text": "first", "code": "a"})
        await notes.update(1, {"text": "still the first", "code": "a"})
        with pytest.raises(Conflict):
            await notes.add({"text": "second", "code": "a"})

    with pytest.raises(Conflict):
        async with storage.unit() as slow:
            await NoteRepository(slow).add({"text": "slow", "code": "b"})
            async with storage.unit() as fast:
                await NoteRepository(fast).add({"text": "fast", "code": "b"})

    assert await texts(storage.reads) == ["still the first", "fast"]


async def test_a_read_handle_does_not_write(storage: Storage) -> None:
    with pytest.raises(TypeError, match="only reads"):
        await NoteRepository(storage.reads).add({"text": "new"})


async def test_a_scope_holds_for_reads_and_writes(storage: Storage) -> None:
    await add(storage, "of ann")
    async with storage.unit() as unit:
        await NoteRepository(unit.scoped(owner="bob")).add({"text": "of bob"})

    bob = storage.reads.scoped(owner="bob")

    assert await texts(bob) == ["of bob"]
    assert await texts(storage.reads) == ["of ann", "of bob"]
    assert [note.id for note in await NoteRepository(bob).after(0, 10)] == [2]
    with pytest.raises(NotFound):
        await NoteRepository(bob).get(1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(order_by="text"), ["Apple", "banana", "pineapple"]),
        (Query(order_by="text", descending=True), ["pineapple", "banana", "Apple"]),
        (Query(search="APPLE"), ["Apple", "pineapple"]),
        (Query(any_of={"text": ["banana", "kiwi"]}), ["banana"]),
        (Query(at_least={"id": 2}, below={"id": 3}), ["banana"]),
        (Query(offset=1, limit=1), ["banana"]),
        (Query(offset=9), []),
    ],
)
async def test_queries(storage: Storage, query: Query, expected: list[str]) -> None:
    await add(storage, "Apple", "banana", "pineapple")

    assert await texts(storage.reads, query) == expected


async def test_hooks_run_after_the_commit_only(storage: Storage) -> None:
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append(await texts(storage.reads))

    async with storage.unit() as unit:
        unit.after_commit(look)
        await NoteRepository(unit).add({"text": "new"})
    with pytest.raises(RuntimeError):
        async with storage.unit() as unit:
            unit.after_commit(look)
            raise RuntimeError

    assert seen == [["new"]]


async def test_a_failing_hook_is_logged_and_no_more(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("hook")

    async with storage.unit() as unit:
        unit.after_commit(fail)
        await NoteRepository(unit).add({"text": "new"})

    assert await texts(storage.reads) == ["new"]
    assert "after_commit_hook_failed" in caplog.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark(Row):
    note_id: int | None = field(metadata={"refers_to": Note})


class RemarkRepository(Repository[Remark]):
    model = Remark


class TestReferences:
    async def test_they_lead_somewhere(self, storage: Storage) -> None:
        with pytest.raises(Conflict, match="does not exist"):
            async with storage.unit() as unit:
                await RemarkRepository(unit).add({"note_id": 1})

        assert await RemarkRepository(storage.reads).after(0, 10) == []

    async def test_what_others_refer_to_stays(self, storage: Storage) -> None:
        await add(storage, "new")
        async with storage.unit() as unit:
            remark = await RemarkRepository(unit).add({"note_id": 1})
            await RemarkRepository(unit).add({"note_id": None})

        with pytest.raises(Conflict, match="Others belong to it"):
            async with storage.unit() as unit:
                await NoteRepository(unit).remove(1)
        async with storage.unit() as unit:
            await NoteRepository(unit).remove(1)
            await RemarkRepository(unit).remove(remark.id)

        assert await texts(storage.reads) == []
