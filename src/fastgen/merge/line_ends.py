"""Line ends and the byte order mark: a text is merged without them, and keeps its own."""

from collections.abc import Sequence
from difflib import SequenceMatcher

BOM = "\ufeff"


def plain(text: str) -> str:
    """The text with line feeds alone, and without a byte order mark."""
    return text.removeprefix(BOM).replace("\r\n", "\n")


def as_in(original: str, merged: str) -> str:
    """The merged text with the line ends of the original: each kept line has its own."""
    mark = BOM if original.startswith(BOM) else ""
    original = original.removeprefix(BOM)
    crlf = original.count("\r\n")
    if not crlf:
        return mark + merged
    if crlf == original.count("\n"):
        return mark + merged.replace("\n", "\r\n")
    return mark + _mixed(
        original, merged, usual="\r\n" if crlf * 2 > original.count("\n") else "\n"
    )


def _mixed(original: str, merged: str, usual: str) -> str:
    before = original.split("\n")
    after = merged.split("\n")
    ends: list[str] = [usual] * len(after)
    texts = [line.removesuffix("\r") for line in before]
    for start, new_start, length in _same(texts, after):
        for number in range(length):
            has_return = before[start + number].endswith("\r")
            ends[new_start + number] = "\r\n" if has_return else "\n"
    return "".join(line + end for line, end in zip(after, [*ends[:-1], ""], strict=True))


def _same(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int]]:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]
