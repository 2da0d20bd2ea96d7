"""A Python module as text and tree, whose edits are verified.

An edit changes the tree to the intended one, and says which characters to replace. The new text is
parsed: its tree must equal the intended one, or the edit is refused.
"""

import ast
import re
import warnings
from collections.abc import Iterable

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
    replaced,
)
from fastgen.rendering.layout import lay_out
from fastgen.source_files import NOT_PARSED

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_BOM = "\ufeff"

Block = list[ast.stmt]
Located = ast.stmt | ast.expr | ast.alias


class Source:
    """The text of a module, and its tree."""

    def __init__(self, text: str) -> None:
        """Read a text.

        Raises:
            EditRefused: it is not valid Python.
        """
        self._bom = _BOM if text.startswith(_BOM) else ""
        self.text = text.removeprefix(_BOM)
        self.tree = parsed(self.text)
        self._lines: list[str] = _LINE.findall(self.text)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    @property
    def full_text(self) -> str:
        """The text with the byte order mark that it had."""
        return self._bom + self.text

    def start(self, node: Located) -> int:
        """The offset of the first character of a node."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: Located) -> int:
        """The offset behind the last character of a node."""
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def edited(self, replacements: Iterable[Replacement]) -> "Source":
        """The module after the replacements; `tree` must have been changed in the same way.

        Raises:
            EditRefused: the new text does not parse to `tree`.
        """
        try:
            source = Source(self._bom + replaced(self.text, replacements))
            is_intended = ast.dump(source.tree) == ast.dump(self.tree)
        except (EditRefused, RecursionError):
            is_intended = False
        if not is_intended:
            raise EditRefused("the result would not be the intended code")
        return source

    def insert_below(
        self, block: Block, offset: int, lines: Iterable[str], *, indent: str = ""
    ) -> "Source":
        """Insert statements below the line of `offset`; empty lines may be among the lines."""
        at, newline = line_end(self.text, offset), line_break(self.text, offset)
        text = _text(lines, indent)
        self._insert_into_tree(block, at, text)
        return self.edited([Replacement(at, at, f"\n{text}".replace("\n", newline))])

    def insert_above(self, block: Block, offset: int, lines: Iterable[str]) -> "Source":
        """Insert statements above the line of `offset`."""
        at, newline = line_start(self.text, offset), line_break(self.text, offset)
        text = _text(lines, "")
        self._insert_into_tree(block, at, text)
        return self.edited([Replacement(at, at, f"{text}\n".replace("\n", newline))])

    def delete(
        self,
        block: Block,
        node: ast.stmt,
        *,
        blank_above: bool = False,
        blank_below: bool = False,
    ) -> "Source":
        """Delete the lines of a statement, and one blank line beside it if that is asked for.

        A text without a line break at its end stays one.

        Raises:
            EditRefused: it shares its lines with another statement, or its block would be empty.
        """
        if len(block) == 1 and block is not self.tree.body:
            raise EditRefused(f"line {node.lineno} is all that its block has")
        start, end = self.lines_of(node)
        above, above_end = line_above(self.text, start)
        if blank_above and above < start and not self.text[above:above_end].strip():
            start = above
        elif end == len(self.text) and not self.text.endswith(("\n", "\r")):
            start = above_end
        elif blank_below and not self.text[end : line_end(self.text, end)].strip():
            end = next_line(self.text, end)
        block.remove(node)
        return self.edited([Replacement(start, end)])

    def lines_of(self, node: ast.stmt) -> tuple[int, int]:
        """The start of the first line of a statement, and the start of the line below its last.

        Raises:
            EditRefused: it shares its lines with another statement.
        """
        start, end = self.start(node), self.end(node)
        if not is_first_on_line(self.text, start) or not is_last_on_line(self.text, end):
            raise EditRefused(f"line {node.lineno} holds more than one statement")
        return line_start(self.text, start), next_line(self.text, end)

    def indent_of(self, node: ast.stmt) -> str:
        """The blanks before a statement.

        Raises:
            EditRefused: another statement is before it.
        """
        start = self.start(node)
        if not is_first_on_line(self.text, start):
            raise EditRefused(f"line {node.lineno} holds more than one statement")
        return indent_at(self.text, start)

    def _insert_into_tree(self, block: Block, at: int, text: str) -> None:
        index = sum(self.start(node) < at for node in block)
        block[index:index] = parsed(_dedented(text)).body

    def _offset(self, line: int, column: int) -> int:
        """The offset of a position as `ast` counts it: columns are bytes of UTF-8."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        width = column if text.isascii() else len(text.encode()[:column].decode())
        return self._starts[line - 1] + width


def parsed(text: str) -> ast.Module:
    """The tree of a text.

    Raises:
        EditRefused: it is not valid Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the warnings are about the text of somebody else
            return ast.parse(text)
    except NOT_PARSED as error:
        line = getattr(error, "lineno", None) or 1
        raise EditRefused(f"line {line} is not valid Python") from None


def _text(lines: Iterable[str], indent: str) -> str:
    return lay_out("\n".join(f"{indent}{line}" if line else "" for line in lines))


def _dedented(text: str) -> str:
    first = next(line for line in text.split("\n") if line)
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join(line.removeprefix(indent) for line in text.split("\n"))
