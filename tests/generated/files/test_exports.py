"""An export has all rows, is read in batches, and never looks complete when it is not."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from app.core.errors import Unavailable
from app.files import exports
from app.files.exports import BATCH_SIZE, PART_SIZE, write_rows
from app.files.formats import Columns, Csv, JsonLines
from app.realtime.streams import StreamResponse
from app.schemas.base import Output
from tests.realtime.stream_clients import StreamClient


class NoteRead(Output):
    id: int
    text: str


COLUMNS = Columns(NoteRead)


class Notes:
    """A repository with that many rows; reading fails after some of them."""

    def __init__(self, count: int, fails_after: int | None = None) -> None:
        self._count = count
        self._fails_after = fails_after
        self.reads: list[tuple[int, int]] = []

    def rows_after(self, row_id: int, limit: int) -> Sequence[tuple[int, int, str]]:
        self.reads.append((row_id, limit))
        if self._fails_after is not None and row_id >= self._fails_after:
            raise Unavailable("The database does not answer.")
        numbers = range(row_id + 1, min(row_id + limit, self._count) + 1)
        return [(number, number, "=a") for number in numbers]


@pytest.fixture(autouse=True)
def _rows_of_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def rows_after(notes: Any, names: Sequence[str], row_id: int, limit: int) -> Any:
        assert names == ("id", "id", "text")
        return notes.rows_after(row_id, limit)

    monkeypatch.setattr(exports, "rows_after", rows_after)


@pytest.mark.parametrize("count", [0, 1, BATCH_SIZE, 2 * BATCH_SIZE + 1])
async def test_every_row_once(count: int) -> None:
    notes: Any = Notes(count)

    lines = b"".join([part async for part in write_rows(notes, COLUMNS, Csv())]).splitlines()

    assert lines[0] == b"id,text"
    assert lines[1:] == [b"%d,'=a" % number for number in range(1, count + 1)]
    assert [row_id for row_id, _ in notes.reads] == list(range(0, count + 1, BATCH_SIZE))
    assert {limit for _, limit in notes.reads} == {BATCH_SIZE}


async def test_an_error_midway_is_raised() -> None:
    notes: Any = Notes(2 * BATCH_SIZE, fails_after=BATCH_SIZE)
    parts = write_rows(notes, COLUMNS, JsonLines())

    read = [await anext(parts) for _ in range(BATCH_SIZE // PART_SIZE)]
    assert b"".join(read).count(b"\n") == BATCH_SIZE
    with pytest.raises(Unavailable):
        await anext(parts)


async def test_other_requests_run_between_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, notes = 0, Notes(2 * BATCH_SIZE)
    converted: list[tuple[int, int]] = []
    convert = Columns.convert

    def note_and_convert(columns: Columns, rows: Sequence[Any]) -> Sequence[Sequence[Any]]:
        converted.append((turns, len(rows)))
        return convert(columns, rows)

    monkeypatch.setattr(Columns, "convert", note_and_convert)

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(take_turns())
    rows: Any = notes
    seen = [turns async for _ in write_rows(rows, COLUMNS, JsonLines())]
    others.cancel()

    assert seen == sorted({*seen})
    assert all(count <= PART_SIZE for _, count in converted)
    assert len({turn for turn, _ in converted}) == len(converted)


async def test_nothing_is_read_ahead_of_the_client() -> None:
    notes, call, blocked = Notes(10 * BATCH_SIZE), StreamClient(), asyncio.Event()
    rows: Any = notes

    async def send_once(message: object) -> None:
        if isinstance(message, dict) and message.get("body"):
            blocked.set()
            await asyncio.Event().wait()

    stream = StreamResponse(lambda: write_rows(rows, COLUMNS, Csv()), media_type="text/csv")
    answering = asyncio.ensure_future(stream({"method": "GET"}, call.receive, send_once))
    await blocked.wait()
    call.disconnect()
    await answering

    assert len(notes.reads) == 1
