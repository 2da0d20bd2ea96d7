"""Text that is written as it is made."""

from typing import Annotated

from pydantic import Field

from app.schemas.base import Input, Output


class CompletionCreate(Input):
    prompt: Annotated[str, Field(min_length=1, max_length=8000, examples=["A tall ship"])]
    max_tokens: Annotated[int, Field(strict=True, ge=1, le=4096)] = 256


class Token(Output):
    text: str


class Done(Output):
    is_cut: bool
    """It has as many tokens as were asked for: there may have been more."""
