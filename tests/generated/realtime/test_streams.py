"""A stream ends with its client, says errors while it can, and holds nothing."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from anyio import CancelScope

from app.core.errors import NotFound
from app.realtime.streams import StreamResponse
from tests.realtime.stream_clients import StreamClient, open_stream


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
    async with open_stream(stream(Body(b"a", b"b"))) as call:
        assert [await call.next_chunk() for _ in range(3)] == [b"a", b"b", b""]
        assert (call.status, call.is_complete) == (200, True)


async def test_it_ends_when_the_client_leaves_whatever_it_waits_for() -> None:
    body = Body(b"a", is_endless=True)
    async with open_stream(stream(body)) as call:
        assert await call.next_chunk() == b"a"
        assert not body.has_ended

    assert body.has_ended
    assert not call.is_complete


async def test_it_ends_when_the_server_gives_up() -> None:
    body, call = Body(b"a", is_endless=True), StreamClient()
    answering = asyncio.ensure_future(stream(body)({"method": "GET"}, call.receive, call.send))
    await call.next_chunk()

    answering.cancel()
    await asyncio.wait({answering})

    assert answering.cancelled()
    assert body.has_ended


@pytest.mark.parametrize("turns", range(8))
async def test_a_cancel_scope_knows_its_own(turns: int) -> None:
    """Such as those that middleware may have around it."""
    body, call = Body(b"a", is_endless=True), StreamClient()

    async def leave(scope: CancelScope) -> None:
        await call.next_chunk()
        call.disconnect()
        for _ in range(turns):
            await asyncio.sleep(0)
        scope.cancel()

    with CancelScope() as scope:
        leaving = asyncio.create_task(leave(scope))
        await stream(body)({"method": "GET"}, call.receive, call.send)

    await leaving
    assert body.has_ended


async def test_errors_before_the_first_chunk_have_a_status() -> None:
    call = open_stream(stream(Body(NotFound("gone"))))
    with pytest.raises(NotFound):
        async with call as answer:
            pass
    assert answer.status == 0


async def test_an_error_later_is_no_good_end() -> None:
    body = Body(b"a", ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        async with open_stream(stream(body)) as call:
            assert await call.next_chunk() == b"a"
            await asyncio.sleep(0)

    assert not call.is_complete


async def test_an_error_of_a_clean_up_is_raised() -> None:
    async def body() -> AsyncGenerator[bytes]:
        try:
            yield b"a"
            await asyncio.Event().wait()
        finally:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        async with open_stream(StreamResponse(body, media_type="text/plain")) as call:
            await call.next_chunk()


async def test_for_its_head_no_body_is_begun() -> None:
    body = Body(b"a", is_endless=True)
    async with open_stream(stream(body), {"method": "HEAD"}) as call:
        assert [await call.next_chunk() for _ in range(2)] == [b"", b""]
        assert (call.status, call.is_complete) == (200, True)

    assert not body.has_begun


async def test_stalled_clients_are_disconnected(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.realtime.streams.STALL_SECONDS", 0.01)
    body, call = Body(b"a", is_endless=True), StreamClient()

    async def send(_message: object) -> None:
        await asyncio.Event().wait()

    await stream(body)({"method": "GET"}, call.receive, send)

    assert body.has_ended
    assert not call.is_complete
    assert "stream_stalled" in caplog.text


async def test_a_body_that_runs_out_of_time_is_an_error() -> None:
    with pytest.raises(TimeoutError):
        async with open_stream(stream(Body(b"a", TimeoutError("of the database")))) as call:
            await call.next_chunk()
            await asyncio.sleep(0)

    assert not call.is_complete
