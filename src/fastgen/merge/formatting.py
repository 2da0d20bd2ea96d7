"""Compares Python code regardless of its formatting: an edit that only formats is none."""

import ast
import io
import textwrap
import tokenize
from collections.abc import Iterable, Sequence

from fastgen.merge.regions import Clean, Conflict, Region


def settled(path: str, regions: Iterable[Region]) -> Sequence[Region]:
    """The regions of a module without the conflicts in which one side has only formatted."""
    return [
        _settled(each) if isinstance(each, Conflict) and path.endswith(".py") else each
        for each in regions
    ]


def is_same_code(path: str, one: str, other: str) -> bool:
    """Whether two modules have the same statements and comments."""
    meaning = _meaning(one) if path.endswith(".py") else None
    return meaning is not None and meaning == _meaning(other)


def _settled(conflict: Conflict) -> Region:
    base, ours, theirs = (
        _meaning_of_lines(side) for side in (conflict.base, conflict.ours, conflict.theirs)
    )
    if base is None or base not in (ours, theirs):
        return conflict
    return Clean(conflict.theirs if base == ours else conflict.ours)


def _meaning_of_lines(lines: Sequence[str]) -> tuple[str, ...] | None:
    """That of statements, or of the first line of a block, with their indentation."""
    text = textwrap.dedent("".join(lines))
    found = _meaning(text) or _meaning(f"{text.rstrip()} pass\n")
    indentation = next((line[: len(line) - len(line.lstrip())] for line in lines), "")
    return (indentation, *found) if found else None


def _meaning(text: str) -> tuple[str, ...] | None:
    """The statements and the comments; None if it is not valid, or if there is neither."""
    try:
        tree = ast.parse(text)
        tokens = [*tokenize.generate_tokens(io.StringIO(text).readline)]
    except (SyntaxError, ValueError, RecursionError, tokenize.TokenError):
        return None
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return (ast.dump(tree), *comments) if tree.body or comments else None
