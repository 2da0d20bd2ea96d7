"""Lines of a text by character offsets, and replacements between two offsets.

A line ends with LF, CRLF or CR, as it does for Python and for TOML: form feeds end none.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_END = re.compile(r"\r\n|\r|\n|\Z")


@dataclass(frozen=True, slots=True)
class Replacement:
    """New text for the characters from `start` up to `end`."""

    start: int
    end: int
    text: str = ""


def replaced(text: str, replacements: Iterable[Replacement]) -> str:
    """The text after replacements that do not overlap."""
    for each in sorted(replacements, key=lambda each: each.start, reverse=True):
        text = text[: each.start] + each.text + text[each.end :]
    return text


def line_start(text: str, offset: int) -> int:
    """The start of the line at `offset`."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """The end of the line at `offset`, without its line break."""
    return _match_end(text, offset).start()


def next_line(text: str, offset: int) -> int:
    """The start of the line after the one at `offset`."""
    return _match_end(text, offset).end()


def line_above(text: str, start: int) -> tuple[int, int]:
    """The start and end of the line above the one that starts at `start`."""
    end = max(start - 1 - text[:start].endswith("\r\n"), 0)
    return line_start(text, end), end


def line_break(text: str, offset: int) -> str:
    """The line break of the line of `offset`; of the text, if that line is the last."""
    found = _match_end(text, offset)[0] or _match_end(text, 0)[0]
    return found or "\n"


def is_first_on_line(text: str, offset: int) -> bool:
    """Whether only blanks are before `offset` on its line."""
    return not text[line_start(text, offset) : offset].strip()


def is_last_on_line(text: str, offset: int) -> bool:
    """Whether only blanks and a comment follow on the line of `offset`."""
    rest = text[offset : line_end(text, offset)].lstrip()
    return not rest or rest.startswith("#")


def indent_at(text: str, offset: int) -> str:
    """The characters before `offset` on its line, without form feeds."""
    return text[line_start(text, offset) : offset].lstrip("\f")


def _match_end(text: str, offset: int) -> re.Match[str]:
    found = _END.search(text, offset)
    assert found is not None  # noqa: S101  # `\Z` always matches
    return found
