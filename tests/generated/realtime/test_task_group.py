"""Work beside a block ends with it, and its errors are raised."""

import asyncio

import pytest

from app.realtime.task_group import run_until_first_ends, running


class Work:
    def __init__(self, error: Exception | None = None) -> None:
        self.has_begun = asyncio.Event()
        self.has_ended = False
        self._error = error

    async def __call__(self) -> None:
        self.has_begun.set()
        try:
            if self._error is not None:
                raise self._error
            await asyncio.Event().wait()
        finally:
            self.has_ended = True


async def test_work_ends_with_its_block() -> None:
    one, other = Work(), Work()

    async with running(one(), other()):
        await one.has_begun.wait()
        assert not one.has_ended

    assert one.has_ended
    assert other.has_ended


async def test_an_error_of_the_block_comes_first() -> None:
    work = Work(ValueError("of the work"))

    with pytest.raises(TypeError, match="of the block"):
        async with running(work()):
            await work.has_begun.wait()
            raise TypeError("of the block")

    assert work.has_ended


async def test_the_first_error_ends_all() -> None:
    endless = Work()

    with pytest.raises(ValueError, match="broken"):
        await run_until_first_ends(endless(), Work(ValueError("broken"))())

    assert endless.has_ended


async def test_the_first_end_ends_all() -> None:
    endless = Work()

    await run_until_first_ends(endless(), asyncio.sleep(0))

    assert endless.has_ended
