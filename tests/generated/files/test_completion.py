"""The model that repeats its prompt."""

import pytest

from app.services.completion import EchoModel


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("A tall ship", ["A", " tall", " ship"]),
        ("  A \n\n ship ", ["  A", " \n\n ship", " "]),
        (" " * 8000, [" " * 8000]),
    ],
    ids=["words", "spaces between", "only spaces"],
)
async def test_the_tokens_together_are_the_prompt(prompt: str, tokens: list[str]) -> None:
    assert [token async for token in EchoModel(pause=0).write(prompt, max_tokens=10)] == tokens
    assert "".join(tokens) == prompt
