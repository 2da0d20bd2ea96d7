"""The values of a field that its tests send."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from itertools import chain, product
from string import ascii_lowercase

from fastgen.rendering.quoting import python

UNIQUE_RANGE = 1000
"""Values that the limits of a unique number must allow: the tests make that many."""
_WRITTEN = 20
"""Characters of the longest text that tests write out; a longer one repeats a letter."""


def text_samples(
    words: Iterable[str], shortest: int, longest: int, reserved: Collection[str]
) -> list[str]:
    """Two different texts that are valid; fewer if the reserved words leave fewer."""
    found: list[str] = []
    for word in chain(words, map("".join, product(ascii_lowercase, repeat=3))):
        text = _text(word, shortest, longest)
        if text not in (*found, *reserved):
            found.append(text)
        if len(found) == 2:
            break
    return found


def number_samples(
    samples: Iterable[Decimal],
    least: Decimal,
    greatest: Decimal,
    *,
    is_whole: bool,
    is_unique: bool,
) -> tuple[Decimal, Decimal]:
    """Two numbers within the limits, different if there are two.

    Of a unique field, the tests also send the whole numbers above the least one: the second sample
    is none of those.
    """

    def within(number: Decimal) -> Decimal:
        return min(max(number, least), greatest)

    preferred, other = samples
    first = within(preferred)
    step = Decimal("0.5")
    if is_whole:
        step = Decimal(UNIQUE_RANGE if is_unique else 1)
    candidates = [first + step, first - step]
    if not (is_whole and is_unique):
        candidates.insert(0, other)
    return first, next((each for each in map(within, candidates) if each != first), first)


def text_literal(text: str) -> str:
    """A text as Python that fits on a line."""
    is_long = len(text) > _WRITTEN and len(set(text)) == 1
    return f"{python(text[0])} * {len(text):_}" if is_long else python(text)


def _text(word: str, shortest: int, longest: int) -> str:
    if shortest > _WRITTEN:
        return word[0] * shortest
    return (word * (shortest // len(word) + 1))[: max(shortest, min(len(word), longest))]
