"""What a client sends without a pause: other clients have their turn, and memory has a limit."""

import asyncio
from unittest.mock import Mock

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from app.core.server import LARGE_READ, MAX_HEADERS, MAX_PIPELINED, HTTPProtocol

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"1\r\nx\r\n"


async def wait_for_ever(_scope: Scope, _receive: Receive, _send: Send) -> None:
    await asyncio.Event().wait()


async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body"})


@pytest.fixture
def transport() -> Mock:
    return Mock(spec=asyncio.Transport, **{"is_closing.return_value": False})


def connect(app: object, transport: Mock) -> HTTPProtocol:
    config = Config(app)  # type: ignore[arg-type]  # an object of tests
    config.load()
    protocol = HTTPProtocol(config, ServerState(), {})
    protocol.connection_made(transport)
    return protocol


async def test_requests_that_wait_are_limited(transport: Mock) -> None:
    protocol = connect(wait_for_ever, transport)

    protocol.data_received(GET * (MAX_PIPELINED + 1))
    await asyncio.sleep(0)  # the first request starts
    assert not transport.close.called

    protocol.data_received(GET * 1000)
    assert transport.close.called
    assert len(protocol.pipeline) == MAX_PIPELINED
    transport.is_closing.return_value = True  # none of them starts


@pytest.mark.parametrize(("more", "is_refused"), [(0, False), (1, True)])
async def test_headers_are_counted(transport: Mock, more: int, is_refused: bool) -> None:
    def close() -> None:
        transport.is_closing.return_value = True

    transport.close.side_effect = close
    protocol = connect(wait_for_ever, transport)

    lines = b"a:\r\n" * (MAX_HEADERS - 1 + more)
    protocol.data_received(GET.removesuffix(b"\r\n") + lines + b"\r\n")
    await asyncio.sleep(0)

    answers = [call.args[0][:13] for call in transport.write.call_args_list]
    assert answers == [b"HTTP/1.1 431 "] * is_refused
    assert transport.close.called == is_refused
    assert (protocol.cycle is None) == is_refused


async def test_reading_pauses_for_a_turn_of_the_loop_after_a_large_read(transport: Mock) -> None:
    protocol = connect(answer, transport)
    protocol.data_received(POST + CHUNK)
    await asyncio.sleep(0)
    assert protocol.cycle.response_complete

    protocol.data_received(CHUNK * (LARGE_READ // len(CHUNK) + 1))
    assert transport.pause_reading.called
    assert not transport.resume_reading.called

    await asyncio.sleep(0)
    assert transport.resume_reading.called


async def test_a_body_that_nobody_reads_stays_paused(transport: Mock) -> None:
    protocol = connect(wait_for_ever, transport)

    protocol.data_received(POST + b"100000\r\n" + b"x" * 2 * LARGE_READ)
    await asyncio.sleep(0)

    assert transport.pause_reading.called
    assert not transport.resume_reading.called
