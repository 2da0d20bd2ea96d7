"""Sessions: visibility, atomicity, hooks, cancellation and faults."""

import asyncio
from inspect import iscoroutinefunction

import pytest
from anyio import CancelScope
from sqlalchemy import event, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict, Unavailable
from app.db.database import Database, open_database
from app.db.errors import TransactionConflict
from app.db.session import Session
from app.settings import Settings
from tests.insides.database.faults import borrowed, counting, failing, sleeping
from tests.insides.database.notes import Note, NoteRepository, add, texts
from tests.waiting import TIMEOUT

CUT = "57P01"
DEADLOCK = "40P01"


async def test_writes_are_seen_after_the_commit(notes: Database) -> None:
    async with notes.session() as session:
        await NoteRepository(session).add(Note(text="new"))

        assert await texts(session) == ["new"]
        assert await texts(notes.read_session()) == []
    assert await texts(notes.read_session()) == ["new"]


async def test_an_error_undoes_everything(notes: Database) -> None:
    await add(notes, "old")

    with pytest.raises(RuntimeError):
        async with notes.session() as session:
            await NoteRepository(session).add(Note(text="new"))
            of = NoteRepository(session)
            await of.update(await of.get_for_update(1), {"text": "changed"})
            raise RuntimeError

    assert await texts(notes.read_session()) == ["old"]
    assert borrowed(notes) == 0


async def test_a_session_without_statements_takes_no_connection(database: Database) -> None:
    with counting(database) as statements:
        async with database.session():
            assert borrowed(database) == 0

    assert statements == []


async def test_a_failed_transaction_cannot_be_committed(notes: Database) -> None:
    await add(notes, "old")

    with pytest.raises(Conflict):
        async with notes.session() as session:
            await NoteRepository(session).add(Note(text="new"))
            with pytest.raises(Conflict):
                await NoteRepository(session).add(Note(text="old"))
            with pytest.raises(Conflict):
                await NoteRepository(session).add(Note(text="newer"))

    assert await texts(notes.read_session()) == ["old"]


async def test_a_commit_that_fails_is_an_error(
    notes: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: object) -> None:
        raise TimeoutError

    with pytest.raises(Unavailable):
        async with notes.session() as session:
            await NoteRepository(session).add(Note(text="new"))
            monkeypatch.setattr(notes.writes.dialect, "do_commit", fail)

    monkeypatch.undo()
    assert await texts(notes.read_session()) == []
    assert borrowed(notes) == 0


async def test_a_savepoint_forgives_a_failure(notes: Database) -> None:
    await add(notes, "old")

    async with notes.session() as session:
        with pytest.raises(Conflict):
            async with session.begin_nested():
                await NoteRepository(session).add(Note(text="old"))
        await NoteRepository(session).add(Note(text="new"))

    assert await texts(notes.read_session()) == ["old", "new"]


async def test_a_read_session_holds_no_connection(notes: Database) -> None:
    session = notes.read_session()

    await session.scalars(select(Note))
    assert borrowed(notes) == 0
    with pytest.raises(NoResultFound):
        await session.get_one(Note, 1)
    assert borrowed(notes) == 0
    await session.merge(Note(id=1))
    assert borrowed(notes) == 0
    with pytest.raises(TypeError, match="holds no connection"):
        await session.stream(select(Note))


def test_every_method_that_sends_statements_has_the_limit() -> None:
    without_statements = {"aclose", "invalidate", "reset", "rollback"}
    by_others = {"scalars", "stream_scalars"}

    plain = {
        name
        for name, method in vars(AsyncSession).items()
        if iscoroutinefunction(method) and getattr(Session, name) is method
    }

    assert {name for name in plain if not name.startswith("_")} == without_statements | by_others


async def test_a_row_that_is_missing_does_not_spoil_the_session(notes: Database) -> None:
    async with notes.session() as session:
        with pytest.raises(NoResultFound):
            await session.get_one(Note, 1)
        await NoteRepository(session).add(Note(text="new"))

    assert await texts(notes.read_session()) == ["new"]


class TestCancelled:
    async def test_between_two_statements(self, notes: Database) -> None:
        written = asyncio.Event()

        async def write() -> None:
            async with notes.session() as session:
                await NoteRepository(session).add(Note(text="new"))
                written.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(write())
        await written.wait()
        task.cancel()
        await asyncio.wait([task])

        assert task.cancelled()
        assert borrowed(notes) == 0
        assert await texts(notes.read_session()) == []

    @pytest.mark.parametrize("steps", range(12))
    async def test_at_any_moment(self, notes: Database, steps: int) -> None:
        task = asyncio.create_task(add(notes, "new"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

        assert borrowed(notes) == 0
        assert await texts(notes.read_session()) in ([], ["new"])
        await add(notes, "newer")

    async def test_as_a_read_gives_its_connection_back(
        self, notes: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        await add(notes, "old")
        task = asyncio.create_task(texts(notes.read_session()))
        event.listen(notes.reads.sync_engine.pool, "reset", lambda *_: task.cancel())
        await asyncio.wait([task])

        assert task.cancelled()
        assert caplog.messages == []
        assert borrowed(notes) == 0
        assert await texts(notes.read_session()) == ["old"]

    async def test_after_the_commit_the_hooks_still_run(self, notes: Database) -> None:
        begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def hook() -> None:
            begun.set()
            await go_on.wait()
            done.set()

        async def write() -> None:
            async with notes.session() as session:
                await NoteRepository(session).add(Note(text="new"))
                session.on_commit(hook)

        task = asyncio.create_task(write())
        await begun.wait()
        task.cancel()
        go_on.set()
        await asyncio.wait([task])

        assert task.cancelled()
        assert done.is_set()
        assert await texts(notes.read_session()) == ["new"]

    async def test_again_and_again_a_commit_is_finished(self, notes: Database) -> None:
        """As by a time limit for requests: a cancel scope cancels until its block is left."""
        begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def hook() -> None:
            begun.set()
            await go_on.wait()
            done.set()

        async def write(scope: CancelScope) -> None:
            with scope:
                async with notes.session() as session:
                    await NoteRepository(session).add(Note(text="new"))
                    session.on_commit(hook)

        scope = CancelScope()
        task = asyncio.create_task(write(scope))
        await begun.wait()
        scope.cancel()
        for _ in range(5):
            task.cancel()
            await asyncio.sleep(0)
        go_on.set()
        await asyncio.wait([task])

        assert task.cancelled()
        assert done.is_set()
        assert await texts(notes.read_session()) == ["new"]


class TestHooks:
    async def test_they_run_after_the_commit_only(self, notes: Database) -> None:
        seen: list[list[str]] = []

        async def look() -> None:
            seen.append(await texts(notes.read_session()))

        async with notes.session() as session:
            session.on_commit(look)
            await NoteRepository(session).add(Note(text="new"))
        with pytest.raises(RuntimeError):
            async with notes.session() as session:
                session.on_commit(look)
                raise RuntimeError

        assert seen == [["new"]]

    async def test_a_failing_hook_is_logged(
        self, notes: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail() -> None:
            raise RuntimeError("hook")

        async with notes.session() as session:
            session.on_commit(fail)
            await NoteRepository(session).add(Note(text="new"))

        assert await texts(notes.read_session()) == ["new"]
        assert "on_commit_hook_failed" in caplog.text


class TestFaults:
    async def test_a_lost_connection_may_be_retried(self, notes: Database) -> None:
        with failing(notes, CUT, cut=True), pytest.raises(TransactionConflict):
            await add(notes, "new")
        with failing(notes, CUT, cut=True), pytest.raises(TransactionConflict):
            await texts(notes.read_session())
        await add(notes, "new")

    async def test_a_server_that_stays_away(self, notes: Database) -> None:
        with failing(notes, CUT, times=4, cut=True):
            with pytest.raises(Unavailable) as on_write:
                await add(notes, "new")
            with pytest.raises(Unavailable):
                await texts(notes.read_session())

        assert on_write.value.headers == {"Retry-After": "1"}
        assert borrowed(notes) == 0

    async def test_a_transaction_that_was_cut_may_be_retried(self, notes: Database) -> None:
        with pytest.raises(TransactionConflict):
            async with notes.session() as session:
                await NoteRepository(session).add(Note(text="one"))
                with failing(notes, CUT, cut=True):
                    await NoteRepository(session).add(Note(text="two"))

        assert await texts(notes.read_session()) == []

    async def test_a_savepoint_that_was_cut_may_be_retried(self, notes: Database) -> None:
        with pytest.raises(TransactionConflict):
            async with notes.session() as session:
                savepoint = await session.begin_nested()
                await NoteRepository(session).add(Note(text="one"))
                with failing(notes, CUT, cut=True):
                    await savepoint.commit()

        assert await texts(notes.read_session()) == []
        assert borrowed(notes) == 0

    async def test_a_deadlock_may_be_retried(self, notes: Database) -> None:
        with failing(notes, DEADLOCK), pytest.raises(TransactionConflict):
            await add(notes, "new")

    async def test_a_bug_is_not_translated(self, notes: Database) -> None:
        with (
            failing(notes, "42601", times=2),
            pytest.raises(Exception, match="a fault of the tests"),
        ):
            await texts(notes.read_session())

    async def test_slow_statements_are_cancelled(self, settings: Settings) -> None:
        patient = settings.model_copy(update={"database_statement_timeout_seconds": TIMEOUT})
        async with open_database(patient) as database:
            with sleeping(database, TIMEOUT + 1), pytest.raises(Unavailable):
                await database.probe()
            await database.probe()

            assert borrowed(database) == 0

    async def test_no_connection_left(self, settings: Settings) -> None:
        limits = {
            "database_pool_size": 1,
            "database_max_overflow": 0,
            "database_pool_timeout_seconds": 0.05,
        }
        async with open_database(settings.model_copy(update=limits)) as database:
            await database.probe()
            async with database.reads.connect():
                with pytest.raises(Unavailable):
                    await database.probe()
            await database.probe()
