"""A stream ends with its client, says errors while it can, and holds nothing."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from anyio import CancelScope

from app.core.errors import NotFound
from app.realtime.streams import StreamResponse
from tests.realtime.calls import Call, calling


class Body:
    """A body that knows what became of it."""

    def __init__(self, *chunks: bytes | Exception, is_endless: bool = False) -> None:
        self._chunks = chunks
        self._is_endless = is_endless
        self.has_begun = False
        self.has_ended = False

    async def __call__(self) -> AsyncGenerator[bytes]:
        self.has_begun = True
        try:
            for chunk in self._chunks:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk
            if self._is_endless:
                await asyncio.Event().wait()
        finally:
            self.has_ended = True


def stream(body: Body) -> StreamResponse:
    return StreamResponse(body, media_type="text/plain")


async def test_chunks_go_out_as_they_come() -> None:
    async with calling(stream(Body(b"a", b"b"))) as call:
        assert [await call.next() for _ in range(3)] == [b"a", b"b", b""]
        assert (call.status, call.is_over) == (200, True)


async def test_it_ends_when_the_client_leaves_whatever_it_waits_for() -> None:
    body = Body(b"a", is_endless=True)
    async with calling(stream(body)) as call:
        assert await call.next() == b"a"
        assert not body.has_ended

    assert body.has_ended
    assert not call.is_over


async def test_it_ends_when_the_server_gives_up() -> None:
    body, call = Body(b"a", is_endless=True), Call()
    answering = asyncio.ensure_future(stream(body)({"method": "GET"}, call.receive, call.send))
    await call.next()

    answering.cancel()
    await asyncio.wait({answering})

    assert answering.cancelled()
    assert body.has_ended


@pytest.mark.parametrize("turns", range(8))
async def test_a_cancel_scope_knows_its_own(turns: int) -> None:
    """Such as those that middleware may have around it."""
    body, call = Body(b"a", is_endless=True), Call()

    async def leave(scope: CancelScope) -> None:
        await call.next()
        call.leave()
        for _ in range(turns):
            await asyncio.sleep(0)
        scope.cancel()

    with CancelScope() as scope:
        leaving = asyncio.create_task(leave(scope))
        await stream(body)({"method": "GET"}, call.receive, call.send)

    await leaving
    assert body.has_ended


async def test_errors_before_the_first_chunk_have_a_status() -> None:
    call = calling(stream(Body(NotFound("gone"))))
    with pytest.raises(NotFound):
        async with call as answer:
            pass
    assert answer.status == 0


async def test_an_error_later_is_no_good_end() -> None:
    body = Body(b"a", ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        async with calling(stream(body)) as call:
            assert await call.next() == b"a"
            await asyncio.sleep(0)

    assert not call.is_over


async def test_for_its_head_no_body_is_begun() -> None:
    body = Body(b"a", is_endless=True)
    async with calling(stream(body), {"method": "HEAD"}) as call:
        assert [await call.next() for _ in range(2)] == [b"", b""]
        assert (call.status, call.is_over) == (200, True)

    assert not body.has_begun


async def test_stalled_clients_are_disconnected(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.realtime.streams.STALL_SECONDS", 0.01)
    body, call = Body(b"a", is_endless=True), Call()

    async def send(_message: object) -> None:
        await asyncio.Event().wait()

    await stream(body)({"method": "GET"}, call.receive, send)

    assert body.has_ended
    assert not call.is_over
    assert "stream_stalled" in caplog.text


async def test_a_body_that_runs_out_of_time_is_an_error() -> None:
    with pytest.raises(TimeoutError):
        async with calling(stream(Body(b"a", TimeoutError("of the database")))) as call:
            await call.next()
            await asyncio.sleep(0)

    assert not call.is_over
