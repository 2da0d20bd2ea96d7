"""Events and sockets as they are commonly written, with nothing around them."""

# FastAPI is in the environment of generated projects, not in this one.
# mypy: ignore-errors

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterable, Generator
from contextlib import contextmanager

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel


class Tick(BaseModel):
    text: str


queues: set[asyncio.Queue[str]] = set()
sockets: list[WebSocket] = []
app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})


@app.get("/health")
async def read_health() -> dict[str, str]:
    return {"status": "ok"}


@contextmanager
def queue() -> Generator[asyncio.Queue[str]]:
    own = asyncio.Queue()
    queues.add(own)
    try:
        yield own
    finally:
        queues.remove(own)


@app.post("/burst/{count}")
async def burst(count: int) -> None:
    for number in range(count):
        for each in queues:
            each.put_nowait(f"tock {number}")
        await asyncio.sleep(0)


@app.get("/native", response_class=EventSourceResponse)
async def follow() -> AsyncIterable[ServerSentEvent]:
    with queue() as own:
        number = 0
        while True:
            number += 1
            yield ServerSentEvent(id=str(number), event="tick", data=Tick(text=await own.get()))


@app.get("/raw")
async def follow_chunks() -> StreamingResponse:
    async def frames() -> AsyncGenerator[str]:
        with queue() as own:
            number = 0
            while True:
                number += 1
                data = json.dumps({"text": await own.get()})
                yield f"id: {number}\nevent: tick\ndata: {data}\n\n"

    return StreamingResponse(frames(), media_type="text/event-stream")


@app.websocket("/ws")
async def talk(socket: WebSocket) -> None:
    """The manager of the textbook: a list, and a loop over it."""
    await socket.accept()
    sockets.append(socket)
    try:
        while True:
            said = await socket.receive_text()
            for each in sockets:
                await each.send_text(said)
    except WebSocketDisconnect:
        sockets.remove(socket)
