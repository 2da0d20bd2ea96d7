"""The lines of settings in `.env.example`."""

import re
from collections.abc import Sequence

from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditResult
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
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*
    (?:(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')(?=[ \t]*(?:\#|[\r\n]|\Z))|[^\r\n]*)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
Assignment = re.Match[str]
_BREAKS = ("\n", "\r")


def add_environment(text: str, lines: Sequence[str]) -> EditResult:
    """Append settings that are not there yet, below a blank line.

    A text whose last line has no line break has none afterwards either.
    """
    before = _assignments(text)
    known = {_name(each) for each in before}
    missing = [group for name, group in _groups(lines).items() if name not in known]
    if not missing:
        return AlreadyThere()
    newline = line_break(text, 0)
    is_open = bool(text) and not text.endswith(_BREAKS)
    blank = newline if text.strip() else ""
    added = newline.join(line for group in missing for line in group)
    added = newline + blank + added if is_open else blank + added + newline
    intended = [*(each[0] for each in before), *(group[-1] for group in missing)]
    return _verified(text + added, intended, lines)


def remove_environment(text: str, lines: Sequence[str]) -> EditResult:
    """Remove settings with the comments that were added above them.

    A setting has any value below its comment. Without its comment it is the project's own, unless
    none was added.
    """
    groups = _groups(lines)
    before = _assignments(text)
    own: list[str] = []
    removed: list[Replacement] = []
    for each in before:
        start = line_start(text, each.start("name"))
        *comments, line = groups.get(_name(each), [""])
        while _above(text, start)[1] in comments:
            start = _above(text, start)[0]
        if start < line_start(text, each.start("name")) or (line == each[0] and not comments):
            removed.append(Replacement(start, next_line(text, each.end())))
        else:
            own.append(each[0])
    if not removed:
        return AlreadyThere()
    above, content = _above(text, removed[0].start)
    below = removed[-1].end
    if not content and not text[below : line_end(text, below)].strip():
        removed[0] = Replacement(above, removed[0].end)
    edited = replaced(text, removed)
    if not text.endswith(_BREAKS):
        edited = edited.removesuffix("\n").removesuffix("\r")
    return _verified(edited, own, lines)


def _verified(edited: str, intended: Sequence[str], lines: Sequence[str]) -> EditResult:
    """The edited text, if it has the intended assignments and no other."""
    if [each[0] for each in _assignments(edited)] != intended:
        return CannotEdit("the result would not have the intended settings", "\n".join(lines))
    return Edited(edited)


def _assignments(text: str) -> list[Assignment]:
    """The variables with their values, which may have line breaks in quotes."""
    return list(_ASSIGNMENT.finditer(text))


def _name(assignment: Assignment) -> str:
    return assignment["name"].upper()


def _groups(lines: Sequence[str]) -> dict[str, list[str]]:
    """The lines of each variable: comments, then the assignment."""
    groups: dict[str, list[str]] = {}
    above: list[str] = []
    for line in lines:
        above.append(line)
        if found := _ASSIGNMENT.match(line):
            groups[_name(found)] = above
            above = []
    return groups


def _above(text: str, start: int) -> tuple[int, str]:
    """The start of the line above, and its text."""
    above, end = line_above(text, start)
    return above, text[above:end]
