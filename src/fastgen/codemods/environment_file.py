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


def add_environment(text: str, lines: Sequence[str]) -> EditResult:
    """Append settings that are not there yet, below a blank line."""
    before = _assignments(text)
    known = {_name(each) for each in before}
    missing = [group for name, group in _groups(lines).items() if name not in known]
    if not missing:
        return AlreadyThere()
    newline = line_break(text, 0)
    ending = "" if not text or text.endswith(("\n", "\r")) else newline
    blank = newline if text.strip() else ""
    added = "".join(f"{line}{newline}" for group in missing for line in group)
    intended = [*(each[0] for each in before), *(group[-1] for group in missing)]
    return _verified(text + ending + blank + added, intended, lines)


def remove_environment(text: str, lines: Sequence[str]) -> EditResult:
    """Remove settings, whatever their values, with the comments that were added above them."""
    groups = _groups(lines)
    before = _assignments(text)
    removed: list[Replacement] = []
    for each in before:
        if _name(each) in groups:
            start = line_start(text, each.start("name"))
            while _above(text, start)[1] in groups[_name(each)][:-1]:
                start = _above(text, start)[0]
            removed.append(Replacement(start, next_line(text, each.end())))
    if not removed:
        return AlreadyThere()
    above, content = _above(text, removed[0].start)
    below = removed[-1].end
    if not content and not text[below : line_end(text, below)].strip():
        removed[0] = Replacement(above, removed[0].end)
    intended = [each[0] for each in before if _name(each) not in groups]
    return _verified(replaced(text, removed), intended, lines)


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
