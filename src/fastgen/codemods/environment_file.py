"""The lines of settings in `.env.example`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastgen.codemods.edit_result import AlreadyThere, Edited, EditResult
from fastgen.codemods.line_offsets import (
    Replacement,
    line_above,
    line_break,
    line_end,
    line_start,
    next_line,
    replaced,
)

_ASSIGNMENT = re.compile(
    r"""^[^\S\r\n]*(?:export[^\S\r\n]+)?(?P<name>[A-Za-z_]\w*)[^\S\r\n]*=[^\S\r\n]*
    (?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\r\n]*)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class _Variable:
    """A variable, and the comment lines above it."""

    name: str
    lines: tuple[str, ...]


def add_environment(text: str, lines: Sequence[str]) -> EditResult:
    """Append settings that are not there yet, below a blank line."""
    known = {name for name, _, _ in _assignments(text)}
    missing = [each for each in _variables(lines) if each.name not in known]
    if not missing:
        return AlreadyThere()
    newline = line_break(text, 0)
    ending = "" if not text or text.endswith(("\n", "\r")) else newline
    blank = newline if text.strip() else ""
    added = "".join(f"{line}{newline}" for each in missing for line in each.lines)
    return Edited(text + ending + blank + added)


def remove_environment(text: str, lines: Sequence[str]) -> EditResult:
    """Remove settings, whatever their values, with the comments that were added above them."""
    comments = {each.name: each.lines[:-1] for each in _variables(lines)}
    removed: list[Replacement] = []
    for name, first, last in _assignments(text):
        if name in comments:
            start = line_start(text, first)
            while (above := _above(text, start))[1] in comments[name]:
                start = above[0]
            removed.append(Replacement(start, next_line(text, last)))
    if not removed:
        return AlreadyThere()
    above, content = _above(text, removed[0].start)
    below = removed[-1].end
    if not content and not text[below : line_end(text, below)].strip():
        removed[0] = Replacement(above, removed[0].end)
    return Edited(replaced(text, removed))


def _assignments(text: str) -> Iterator[tuple[str, int, int]]:
    """The names of the variables, and where each starts and ends; values may have line breaks."""
    for found in _ASSIGNMENT.finditer(text):
        yield found["name"].upper(), found.start("name"), found.end()


def _variables(lines: Sequence[str]) -> Iterator[_Variable]:
    above: list[str] = []
    for line in lines:
        above.append(line)
        if found := _ASSIGNMENT.match(line):
            yield _Variable(found["name"].upper(), tuple(above))
            above = []


def _above(text: str, start: int) -> tuple[int, str]:
    """The start of the line above, and its text."""
    above, end = line_above(text, start)
    return above, text[above:end]
