"""Listeners get the models that a commit has changed."""

import pytest
from sqlalchemy import delete, select, text, update

from app.core.errors import NotFound
from app.db.changes import report_changes
from app.db.database import Database
from tests.insides.database.notes import Note, NoteRepository, add, texts


async def test_they_are_called_after_the_commit(notes: Database) -> None:
    calls: list[tuple[frozenset[str], list[str]]] = []

    async def listen(models: frozenset[str]) -> None:
        calls.append((models, await texts(notes.read_session())))

    report_changes(notes, listen)
    await add(notes, "new")
    await add(notes)
    with pytest.raises(NotFound):
        async with notes.session() as session:
            of = NoteRepository(session)
            await of.update(await of.get_for_update(1), {"text": "changed"})
            await of.get_for_update(7)

    assert calls == [(frozenset({"Note"}), ["new"])]


async def test_all_kinds_of_changes(notes: Database) -> None:
    received: list[frozenset[str]] = []

    async def listen(models: frozenset[str]) -> None:
        received.append(models)

    report_changes(notes, listen)
    async with notes.session() as session:
        await session.execute(update(Note).values(body="new"))
    async with notes.session() as session:
        await session.execute(delete(Note))
    async with notes.session() as session:
        await session.execute(text("DELETE FROM test_notes"))
        session.mark_changed(Note)
    async with notes.session() as session:
        await session.execute(select(Note))

    assert received == [frozenset({"Note"})] * 3
