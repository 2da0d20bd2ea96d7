"""A database with the table of these tests."""

from collections.abc import AsyncGenerator

import pytest

from app.db.database import Database
from tests.insides.database.notes import notes_metadata


@pytest.fixture
async def notes(database: Database) -> AsyncGenerator[Database]:
    """A database that has notes too."""
    async with database.writes.begin() as connection:
        await connection.run_sync(notes_metadata.create_all)
    yield database
    async with database.writes.begin() as connection:
        await connection.run_sync(notes_metadata.drop_all)
