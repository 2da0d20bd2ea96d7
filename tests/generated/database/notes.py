"""A model of the tests alone: the storage is shown without a resource of the project."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import Column, ForeignKey, MetaData

from app.core.repository import Query
from app.core.sql.columns import Exact, Id, Timestamp, at_least, at_most, long_text, short_text
from app.core.sql.repository import Repository
from app.core.sql.storage import Reads, Storage
from app.core.sql.tables import NAMING_CONVENTION, define_table
from app.models.base import Row

metadata = MetaData(naming_convention=NAMING_CONVENTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Row):
    text: str
    owner: str
    body: str | None
    price: Decimal | None
    due_at: datetime | None
    parent_id: int | None


class NoteRepository(Repository[Note]):
    model = Note
    searched = ("text", "body")


define_table(
    Note,
    "test_notes",
    Column("text", short_text(80), nullable=False, unique=True),
    Column("owner", short_text(20), nullable=False, server_default="ann"),
    Column("body", long_text()),
    Column("price", Exact(12, 2)),
    Column("due_at", Timestamp),
    Column("parent_id", Id, ForeignKey("test_notes.id")),
    at_least("price", Exact(12, 2), "-10.50"),
    at_most("price", Exact(12, 2), "9999999999.99"),
    metadata=metadata,
)


@pytest.fixture
async def notes(storage: Storage) -> AsyncGenerator[Storage]:
    """A storage that keeps notes too."""
    async with storage.database.writes.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield storage
    async with storage.database.writes.begin() as connection:
        await connection.run_sync(metadata.drop_all)


async def add(storage: Storage, *texts: str) -> None:
    """Store a note for each text, in one unit of work."""
    async with storage.unit() as unit:
        for text in texts:
            await NoteRepository(unit).add({"text": text})


async def texts(handle: Reads, query: Query | None = None) -> list[str]:
    """The texts of the notes that a query finds."""
    found = await NoteRepository(handle).page(query or Query())
    return [note.text for note in found.rows]
