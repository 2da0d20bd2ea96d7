"""Text token by token, as language models produce it."""

from collections.abc import AsyncIterable
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field

from app.realtime.streams import limit_streams
from app.schemas.base import Input, Output
from app.services.completion import EchoModel, TextModel

router = APIRouter(dependencies=[Depends(limit_streams)])


class CompletionCreate(Input):
    prompt: Annotated[str, Field(min_length=1, max_length=8000, examples=["A tall ship"])]
    max_tokens: Annotated[int, Field(strict=True, ge=1, le=4096)] = 256


class Token(Output):
    text: str


class Done(Output):
    is_cut: bool
    """Whether `max_tokens` was reached: there may have been more."""


async def get_text_model() -> TextModel:
    """Return your own model here."""
    return EchoModel()


TextModelDep = Annotated[TextModel, Depends(get_text_model)]


# FastAPI's own events: each client has its own text, so there is nothing to encode once for all.
@router.post("", response_class=EventSourceResponse, responses={429: {}})
async def complete(data: CompletionCreate, model: TextModelDep) -> AsyncIterable[ServerSentEvent]:
    """Events `token`, then one `done`. If the client disconnects, the model is stopped."""
    count = 0
    async with aclosing(model.write(data.prompt, data.max_tokens)) as tokens:
        async for text in tokens:
            count += 1
            yield ServerSentEvent(event="token", data=Token(text=text))
    yield ServerSentEvent(event="done", data=Done(is_cut=count == data.max_tokens))
