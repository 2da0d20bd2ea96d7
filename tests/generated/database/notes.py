"""A model of these tests: the storage is tested without a resource of the project."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

from sqlalchemy import ColumnElement, ForeignKey, MetaData, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.core.query import RowQuery
from app.db.base import NAMING_CONVENTION, Model
from app.db.columns import Exact, at_least, at_most, long_text, short_text
from app.db.database import Database
from app.db.repository import Repository
from app.db.session import ReadSession, Session

notes_metadata = MetaData(naming_convention=NAMING_CONVENTION)


class Color(Enum):
    RED = 1


class Note(Model):
    __tablename__ = "test_notes"
    metadata = notes_metadata
    __table_args__ = (
        at_least("price", Exact(12, 2), "-10.50"),
        at_most("price", Exact(12, 2), "9999999999.99"),
    )

    text: Mapped[str] = mapped_column(short_text(80), unique=True)
    owner: Mapped[str] = mapped_column(short_text(20), server_default="ann")
    body: Mapped[str | None] = mapped_column(long_text())
    price: Mapped[Decimal | None] = mapped_column(Exact(12, 2))
    tax: Mapped[Decimal | None] = mapped_column(Exact(6, 4), server_default="0.50")
    due_at: Mapped[datetime | None]
    color: Mapped[Color | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("test_notes.id"))

    @hybrid_property
    def length(self) -> int:
        return len(self.text)

    @length.inplace.expression
    @classmethod
    def _length(cls) -> ColumnElement[int]:
        return func.char_length(cls.text)


class NoteRepository(Repository[Note]):
    model = Note
    search_fields = ("text", "body")


async def add(database: Database, *texts: str) -> None:
    """Add a note for each text, in one session."""
    async with database.session() as session:
        for text in texts:
            await NoteRepository(session).add(Note(text=text))


async def texts(session: ReadSession | Session, query: RowQuery | None = None) -> list[str]:
    """The texts of the notes that a query finds."""
    found = await NoteRepository(session).page(query or RowQuery())
    return [note.text for note in found.rows]
