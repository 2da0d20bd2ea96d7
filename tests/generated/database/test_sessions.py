"""Reads and units of work keep their promises, whatever happens in between."""

import asyncio

import pytest

from app.core.errors import Conflict, NotFound, TryAgain, Unavailable
from app.core.sql.storage import Storage, open_storage
from app.settings import Settings
from tests.sql.faults import borrowed, counting, failing, sleeping
from tests.sql.notes import NoteRepository, add, texts

CUT = "57P01"
DEADLOCK = "40P01"


async def test_writes_are_seen_after_the_commit(notes: Storage) -> None:
    async with notes.unit() as unit:
        await NoteRepository(unit).add({"text": "new"})

        assert await texts(unit) == ["new"]
        assert await texts(notes.reads) == []
    assert await texts(notes.reads) == ["new"]


async def test_an_error_undoes_everything(notes: Storage) -> None:
    await add(notes, "old")

    with pytest.raises(RuntimeError):
        async with notes.unit() as unit:
            await NoteRepository(unit).add({"text": "new"})
            await NoteRepository(unit).update(1, {"text": "changed"})
            raise RuntimeError

    assert await texts(notes.reads) == ["old"]
    assert borrowed(notes) == 0


async def test_a_unit_that_does_nothing_costs_nothing(storage: Storage) -> None:
    with counting(storage) as statements:
        async with storage.unit():
            assert borrowed(storage) == 0

    assert statements == []


async def test_what_failed_cannot_be_committed(notes: Storage) -> None:
    await add(notes, "old")

    with pytest.raises(Conflict):
        async with notes.unit() as unit:
            await NoteRepository(unit).add({"text": "new"})
            with pytest.raises(Conflict):
                await NoteRepository(unit).add({"text": "old"})
            with pytest.raises(Conflict):
                await NoteRepository(unit).add({"text": "newer"})

    assert await texts(notes.reads) == ["old"]


async def test_a_commit_that_fails_is_an_error(
    notes: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: object) -> None:
        raise TimeoutError

    with pytest.raises(Unavailable):
        async with notes.unit() as unit:
            await NoteRepository(unit).add({"text": "new"})
            monkeypatch.setattr(notes.database.writes.dialect, "do_commit", fail)

    monkeypatch.undo()
    assert await texts(notes.reads) == []
    assert borrowed(notes) == 0


class TestCancelled:
    async def test_between_two_statements(self, notes: Storage) -> None:
        written = asyncio.Event()

        async def write() -> None:
            async with notes.unit() as unit:
                await NoteRepository(unit).add({"text": "new"})
                written.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(write())
        await written.wait()
        task.cancel()
        await asyncio.wait([task])

        assert task.cancelled()
        assert borrowed(notes) == 0
        assert await texts(notes.reads) == []

    @pytest.mark.parametrize("steps", range(12))
    async def test_at_any_moment(self, notes: Storage, steps: int) -> None:
        task = asyncio.create_task(add(notes, "new"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

        assert borrowed(notes) == 0
        assert await texts(notes.reads) in ([], ["new"])
        await add(notes, "newer")

    async def test_after_the_commit_the_hooks_still_run(self, notes: Storage) -> None:
        begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def hook() -> None:
            begun.set()
            await go_on.wait()
            done.set()

        async def write() -> None:
            async with notes.unit() as unit:
                await NoteRepository(unit).add({"text": "new"})
                unit.after_commit(hook)

        task = asyncio.create_task(write())
        await begun.wait()
        task.cancel()
        go_on.set()
        await asyncio.wait([task])

        assert task.cancelled()
        assert done.is_set()
        assert await texts(notes.reads) == ["new"]


class TestListeners:
    async def test_they_are_told_after_a_commit_what_has_changed(self, notes: Storage) -> None:
        told: list[tuple[frozenset[str], list[str]]] = []

        async def listen(models: frozenset[str]) -> None:
            told.append((models, await texts(notes.reads)))

        notes.listeners.append(listen)
        await add(notes, "new")
        await add(notes)
        with pytest.raises(NotFound):
            async with notes.unit() as unit:
                await NoteRepository(unit).update(1, {"text": "changed"})
                await NoteRepository(unit).remove(7)

        assert told == [(frozenset({"Note"}), ["new"])]

    async def test_a_narrowed_unit_tells_too(self, notes: Storage) -> None:
        told: list[frozenset[str]] = []

        async def listen(models: frozenset[str]) -> None:
            told.append(models)

        notes.listeners.append(listen)
        async with notes.unit() as unit:
            await NoteRepository(unit.scoped(owner="bob")).add({"text": "new"})

        assert told == [frozenset({"Note"})]


class TestHooks:
    async def test_they_run_after_the_commit_only(self, notes: Storage) -> None:
        seen: list[list[str]] = []

        async def look() -> None:
            seen.append(await texts(notes.reads))

        async with notes.unit() as unit:
            unit.after_commit(look)
            await NoteRepository(unit).add({"text": "new"})
        with pytest.raises(RuntimeError):
            async with notes.unit() as unit:
                unit.after_commit(look)
                raise RuntimeError

        assert seen == [["new"]]

    async def test_one_that_fails_is_logged_and_no_more(
        self, notes: Storage, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail() -> None:
            raise RuntimeError("hook")

        async with notes.unit() as unit:
            unit.after_commit(fail)
            await NoteRepository(unit).add({"text": "new"})

        assert await texts(notes.reads) == ["new"]
        assert "after_commit_hook_failed" in caplog.text


class TestFaults:
    async def test_an_idle_connection_that_was_cut_is_replaced(self, notes: Storage) -> None:
        with failing(notes, CUT, cut=True):
            await add(notes, "new")
        with failing(notes, CUT, cut=True):
            assert await texts(notes.reads) == ["new"]

    async def test_a_server_that_stays_away_is_said(self, notes: Storage) -> None:
        with failing(notes, CUT, times=4, cut=True):
            with pytest.raises(Unavailable) as on_write:
                await add(notes, "new")
            with pytest.raises(Unavailable):
                await texts(notes.reads)

        assert on_write.value.headers == {"Retry-After": "1"}
        assert borrowed(notes) == 0

    async def test_a_unit_cut_midway_is_not_begun_again(self, notes: Storage) -> None:
        with pytest.raises(Unavailable):
            async with notes.unit() as unit:
                await NoteRepository(unit).add({"text": "one"})
                with failing(notes, CUT, cut=True):
                    await NoteRepository(unit).add({"text": "two"})

        assert await texts(notes.reads) == []

    async def test_who_loses_a_deadlock_may_try_again(self, notes: Storage) -> None:
        with failing(notes, DEADLOCK), pytest.raises(TryAgain):
            await add(notes, "new")

    async def test_a_mistake_of_the_program_stays_one(self, notes: Storage) -> None:
        with (
            failing(notes, "42601", times=2),
            pytest.raises(Exception, match="a fault of the tests"),
        ):
            await texts(notes.reads)

    async def test_a_slow_answer_is_not_waited_for(self, settings: Settings) -> None:
        impatient = settings.model_copy(update={"database_statement_timeout_seconds": 0.2})
        async with open_storage(impatient) as storage:
            with sleeping(storage, 0.4), pytest.raises(Unavailable):
                await storage.check()
            await storage.check()

            assert borrowed(storage) == 0

    async def test_no_connection_left(self, settings: Settings) -> None:
        limits = {
            "database_pool_size": 1,
            "database_max_overflow": 0,
            "database_pool_timeout_seconds": 0.05,
        }
        async with open_storage(settings.model_copy(update=limits)) as storage:
            await storage.check()
            async with storage.database.reads.connect():
                with pytest.raises(Unavailable):
                    await storage.check()
            await storage.check()


async def test_a_read_handle_does_not_write(notes: Storage) -> None:
    with pytest.raises(TypeError, match="only reads"):
        await NoteRepository(notes.reads).add({"text": "new"})


async def test_a_scope_holds_for_reads_and_writes(notes: Storage) -> None:
    await add(notes, "of ann")
    async with notes.unit() as unit:
        await NoteRepository(unit.scoped(owner="bob")).add({"text": "of bob"})

    bob = notes.reads.scoped(owner="bob")

    assert await texts(bob) == ["of bob"]
    assert await texts(notes.reads) == ["of ann", "of bob"]
    assert [note.id for note in await NoteRepository(bob).after(0, 10)] == [2]
    with pytest.raises(NotFound):
        await NoteRepository(bob).get(1)
    with pytest.raises(NotFound):
        async with notes.unit() as unit:
            await NoteRepository(unit.scoped(owner="bob")).update(1, {"text": "of bob"})
    with pytest.raises(NotFound):
        async with notes.unit() as unit:
            await NoteRepository(unit.scoped(owner="bob")).remove(1)
