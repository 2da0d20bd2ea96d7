"""Edits of items between brackets that commas separate: Python lists and imports, TOML arrays.

The extent of an item includes the parentheses around it. Only the text between items is scanned:
it holds blanks, comments, commas and parentheses, and never a string.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastgen.codemods.edit_result import EditRefused
from fastgen.codemods.line_offsets import (
    Replacement,
    indent_at,
    is_first_on_line,
    is_last_on_line,
    line_above,
    line_break,
    line_end,
    line_start,
    next_line,
)

_MARK = re.compile(r"#[^\r\n]*|[(),]")


@dataclass(frozen=True, slots=True)
class Item:
    """The extent of an item, as character offsets."""

    start: int
    end: int
    comma: int | None
    """The offset of the comma that follows."""

    @property
    def stop(self) -> int:
        """The end, with the comma."""
        return self.end if self.comma is None else self.comma + 1


class Items:
    """The items of one pair of brackets."""

    def __init__(
        self,
        text: str,
        spans: Sequence[tuple[int, int]],
        start: int,
        end: int,
        *,
        wrap: bool = True,
    ) -> None:
        """Find the extents of the items.

        Args:
            text: the whole text.
            spans: start and end of each item, without parentheses around it.
            start: the offset behind the opening bracket.
            end: the offset of the closing bracket.
            wrap: whether line breaks are allowed between items.

        Raises:
            EditRefused: the text between two items is not a comma.
        """
        self._text, self._start, self._end, self._wrap = text, start, end, wrap
        stops = [span[1] for span in spans]
        starts = [span[0] for span in spans]
        gaps = [
            self._gap(*bounds, is_first=number == 0, is_last=number == len(spans))
            for number, bounds in enumerate(zip([start, *stops], [*starts, end], strict=True))
        ]
        self.items = [Item(before[2], after[0], after[1]) for before, after in pairwise(gaps)]

    def insertion(
        self, index: int, code: str, lay_out: Callable[[str], str] = str
    ) -> list[Replacement]:
        """Insert an item before item `index`, on a line of its own if its neighbours have one.

        Args:
            index: its position afterwards.
            code: its text.
            lay_out: breaks a line that is too long.
        """
        newline = line_break(self._text, self._start)

        def as_line(indent: str, comma: str) -> str:
            return newline + lay_out(f"{indent}{code}{comma}").replace("\n", newline)

        if not self.items:
            return self._insertion_into_empty(code, as_line)
        if index == 0:
            return self._insertion_at_start(code, as_line)
        previous = self.items[index - 1]
        at, indent = self._break_after(index - 1), self._indent(index)
        if at is None or indent is None:
            text = f", {code}" if previous.comma is None else f" {code},"
            return [Replacement(previous.stop, previous.stop, text)]
        if previous.comma is not None:
            return [Replacement(at, at, as_line(indent, ","))]
        if at == previous.end:
            return [Replacement(at, at, "," + as_line(indent, ""))]
        comma = Replacement(previous.end, previous.end, ",")
        return [comma, Replacement(at, at, as_line(indent, ""))]

    def removal(self, index: int, *, keep_comma: bool = False) -> list[Replacement]:
        """Remove an item: the inverse of `insertion`.

        Args:
            index: its position.
            keep_comma: whether the comma before it stays even if it ends the items.
        """
        item = self.items[index]
        previous = self.items[index - 1] if index else None
        is_last = item is self.items[-1]
        ends_without_comma = is_last and item.comma is None and not keep_comma
        comma = previous.comma if previous and ends_without_comma else None
        dropped = [] if comma is None else [Replacement(comma, comma + 1)]
        if self._starts_line(item.start) and self._ends_line(item.stop):
            start, end = line_start(self._text, item.start), next_line(self._text, item.stop)
            return [*dropped, Replacement(start, end)]
        if previous is not None:
            gap = self._text[previous.stop : item.start]
            on_one_line = not gap.strip(" \t\f")
            if on_one_line or (is_last and not gap.strip()):
                return [*dropped, Replacement(previous.stop, item.stop)]
        if not is_last and not self._text[item.stop : self.items[index + 1].start].strip():
            return [Replacement(item.start, self.items[index + 1].start)]
        return [*dropped, Replacement(item.start, item.stop)]

    def _insertion_into_empty(
        self, code: str, as_line: Callable[[str, str], str]
    ) -> list[Replacement]:
        last_line = line_start(self._text, self._end)
        if last_line <= self._start or not is_first_on_line(self._text, self._end):
            return [Replacement(self._start, self._start, code)]
        at = line_above(self._text, last_line)[1]
        indent = f"{indent_at(self._text, self._end)}    "
        return [Replacement(at, at, as_line(indent, ","))]

    def _insertion_at_start(
        self, code: str, as_line: Callable[[str, str], str]
    ) -> list[Replacement]:
        """Insert below the opening bracket: comments above the first item stay with it."""
        first = self.items[0].start
        if self._wrap and self._starts_line(first) and self._ends_line(self._start):
            at = line_end(self._text, self._start)
            return [Replacement(at, at, as_line(indent_at(self._text, first), ","))]
        return [Replacement(first, first, f"{code}, ")]

    def _indent(self, index: int) -> str | None:
        """The indent of the item before `index`, or of the next one, if it starts its line."""
        for item in self.items[index - 1 : index + 1]:
            if self._starts_line(item.start):
                return indent_at(self._text, item.start)
        return None

    def _gap(
        self, start: int, end: int, *, is_first: bool, is_last: bool
    ) -> tuple[int, int | None, int]:
        """The end of the item before a gap, its comma, and the start of the item after it."""
        marks = [
            (start + match.start(), match[0])
            for match in _MARK.finditer(self._text[start:end])
            if not match[0].startswith("#")
        ]
        order = "".join(mark for _, mark in marks)
        expected = r"\(*" if is_first else r"\)*,?" if is_last else r"\)*,\(*"
        if not re.fullmatch(expected, order):
            raise EditRefused("the text between two entries is not a comma")
        closed = [offset for offset, mark in marks if mark == ")"]
        commas = [offset for offset, mark in marks if mark == ","]
        opened = [offset for offset, mark in marks if mark == "("]
        return (
            closed[-1] + 1 if closed else start,
            commas[0] if commas else None,
            opened[0] if opened else end,
        )

    def _starts_line(self, offset: int) -> bool:
        return offset > self._start and is_first_on_line(self._text, offset)

    def _ends_line(self, offset: int) -> bool:
        """Whether only a comment follows on its line, and the brackets go on below it."""
        return line_end(self._text, offset) < self._end and is_last_on_line(self._text, offset)

    def _break_after(self, index: int) -> int | None:
        """The offset for a line after an item; None if it would split a line."""
        item = self.items[index]
        if not self._wrap:
            return None
        if self._ends_line(item.stop):
            return line_end(self._text, item.stop)
        is_last = index == len(self.items) - 1
        closes_here = is_last and not self._text[item.stop : self._end].strip(" \t\f")
        return item.stop if closes_here and self._starts_line(item.start) else None
