"""Text token by token, as language models give it."""

from collections.abc import AsyncIterable
from contextlib import aclosing

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.api.dependencies.completions import TextModelDep
from app.api.dependencies.streams import take_slot
from app.schemas.completion import CompletionCreate, Done, Token

router = APIRouter(dependencies=[Depends(take_slot)])


# FastAPI's own events: every client has its own, so nothing is gained by making bytes of them here.
@router.post("", response_class=EventSourceResponse, responses={429: {}})
async def complete(data: CompletionCreate, model: TextModelDep) -> AsyncIterable[ServerSentEvent]:
    """Events `token`, then one `done`. When the client leaves, the model is stopped."""
    written = 0
    async with aclosing(model.write(data.prompt, data.max_tokens)) as tokens:
        async for text in tokens:
            written += 1
            yield ServerSentEvent(event="token", data=Token(text=text))
    yield ServerSentEvent(event="done", data=Done(is_cut=written == data.max_tokens))
