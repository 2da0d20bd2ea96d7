"""An export walks through all rows, in batches, and never looks whole when it is not."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from app.api.exports import BATCH, _write
from app.core.errors import Unavailable
from app.core.streams.formats import Csv, JsonLines
from app.core.streams.response import Stream
from app.schemas.base import Output
from tests.streaming.calls import Call


@dataclass
class Note:
    id: int
    text: str = "=a"


class NoteRead(Output):
    id: int
    text: str


class Notes:
    """A service with so many rows; it may fail behind some."""

    def __init__(self, count: int, fails_after: int | None = None) -> None:
        self._count = count
        self._fails_after = fails_after
        self.asked: list[tuple[int, int]] = []

    async def list_after(self, row_id: int, limit: int, /) -> Sequence[Note]:
        self.asked.append((row_id, limit))
        if self._fails_after is not None and row_id >= self._fails_after:
            raise Unavailable("The database does not answer.")
        numbers = range(row_id + 1, min(row_id + limit, self._count) + 1)
        return [Note(number) for number in numbers]


@pytest.mark.parametrize("count", [0, 1, BATCH, 2 * BATCH + 1])
async def test_every_row_once(count: int) -> None:
    notes = Notes(count)

    lines = b"".join([part async for part in _write(notes, NoteRead, Csv())]).splitlines()

    assert lines[0] == b"id,text"
    assert lines[1:] == [b"%d,'=a" % number for number in range(1, count + 1)]
    assert [row_id for row_id, _ in notes.asked] == list(range(0, count + 1, BATCH))
    assert {limit for _, limit in notes.asked} == {BATCH}


async def test_an_error_midway_is_no_good_end() -> None:
    parts = _write(Notes(2 * BATCH, fails_after=BATCH), NoteRead, JsonLines())

    assert (await anext(parts)).count(b"\n") == BATCH
    with pytest.raises(Unavailable):
        await anext(parts)


async def test_others_come_in_between_however_quick_the_client_is() -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(take_turns())
    seen = [turns async for _ in _write(Notes(5 * BATCH), NoteRead, JsonLines())]
    others.cancel()

    assert seen == sorted({*seen})


async def test_nothing_is_read_ahead_of_the_client() -> None:
    notes, call = Notes(10 * BATCH), Call()
    stuck = asyncio.Event()

    async def send_once(message: object) -> None:
        if isinstance(message, dict) and message.get("body"):
            await stuck.wait()

    stream = Stream(lambda: _write(notes, NoteRead, Csv()), media_type="text/csv")
    answering = asyncio.ensure_future(stream({"method": "GET"}, call.receive, send_once))
    for _ in range(20):
        await asyncio.sleep(0)
    call.leave()
    await answering

    assert len(notes.asked) == 1
