"""Models that write text, token by token."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Protocol


class TextModel(Protocol):
    """A source of text, such as a client of a language model."""

    def write(self, prompt: str, max_tokens: int) -> AsyncGenerator[str]:
        """The tokens as they are produced. It is closed early if the client disconnects."""


class EchoModel:
    """Repeats the prompt word by word: always the same, and without a network."""

    def __init__(self, pause: float = 0.02) -> None:
        self._pause = pause

    async def write(self, prompt: str, max_tokens: int) -> AsyncGenerator[str]:
        # Not `\s*\S+`: for a prompt of many spaces, that takes quadratic time.
        for number, word in enumerate(re.split(r"(?<=\S)(?=\s)", prompt)):
            if number == max_tokens:
                return
            await asyncio.sleep(self._pause)
            yield word
