"""Text, token by token, from whatever can write it."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Protocol


class TextModel(Protocol):
    """Where text comes from: one that asks a language model has this one method too."""

    def write(self, prompt: str, max_tokens: int) -> AsyncGenerator[str]:
        """The tokens, as they come. It is closed in the middle when the client leaves."""


class Parrot:
    """Says again what it was told, a word at a time: always the same, and without a network."""

    def __init__(self, pause: float = 0.02) -> None:
        self._pause = pause

    async def write(self, prompt: str, max_tokens: int) -> AsyncGenerator[str]:
        for number, word in enumerate(re.finditer(r"\s*\S+", prompt)):
            if number == max_tokens:
                return
            await asyncio.sleep(self._pause)
            yield word[0]
