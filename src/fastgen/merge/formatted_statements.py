"""Undoes the formatting of statements that fastgen changes, where the lines of a merge collide."""

import ast
import copy
import io
import tokenize
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from fastgen.source_files import NOT_PARSED

_BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Part(NamedTuple):
    """A statement, or all of a block that is above its first statement."""

    meaning: tuple[int, str, tuple[str, ...]]
    """The indentation, the code and the comments."""
    start: int
    """The index of its first line; `end` is that behind its last one."""
    end: int


def with_equal_formatting(sides: Sequence[Sequence[str]]) -> list[list[str]] | None:
    """Base, ours and theirs; ours has the lines of base in statements that it has only formatted.

    Statements that theirs does not change stay as they are. None if there is nothing to do, or if
    a side is not valid.
    """
    parts = [_parts(lines) for lines in sides]
    base, ours, theirs = parts
    if base is None or ours is None or theirs is None:
        return None
    changed = {part.meaning: part for part in base}
    for part in theirs:
        changed.pop(part.meaning, None)
    lines = [*sides[1]]
    for part in sorted(ours, key=lambda each: -each.start):
        if part.meaning in changed:
            _, start, end = changed[part.meaning]
            lines[part.start : part.end] = sides[0][start:end]
    return [[*sides[0]], lines, [*sides[2]]] if lines != [*sides[1]] else None


def _parts(lines: Sequence[str]) -> list[_Part] | None:
    text = "".join(lines)
    try:
        tree = ast.parse(text)
        tokens = [*tokenize.generate_tokens(io.StringIO(text).readline)]
    except (*NOT_PARSED, tokenize.TokenError):
        return None
    comments = {each.start[0]: each.string for each in tokens if each.type == tokenize.COMMENT}
    return [
        _Part(
            (
                node.col_offset,
                ast.dump(node),
                tuple(comments[line] for line in range(start, end) if line in comments),
            ),
            start - 1,
            end - 1,
        )
        for node, start, end in _statements(tree.body, 0)
    ]


def _statements(body: Sequence[ast.stmt], last: int) -> Iterator[tuple[ast.stmt, int, int]]:
    """Statements that have their lines to themselves, with the numbers of these.

    Args:
        body: statements that follow each other.
        last: the line above them.
    """
    for node, following in zip_longest(body, body[1:]):
        start, end = _first_line(node), (node.end_lineno or node.lineno) + 1
        is_alone = last < start and (following is None or end <= _first_line(following))
        last = end - 1
        if not is_alone:
            continue
        if isinstance(node, _BLOCKS):
            inner = _first_line(node.body[0])
            head = copy.copy(node)
            head.body = []
            if inner > node.lineno:
                yield head, start, inner
                yield from _statements(node.body, inner - 1)
        elif not hasattr(node, "body") and not isinstance(
            node, ast.Match | ast.Import | ast.ImportFrom
        ):
            yield node, start, end


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])
