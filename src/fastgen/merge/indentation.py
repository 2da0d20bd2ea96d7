"""The indentation of a module: people may have formatted it with tabs, or with two spaces."""

import io
import tokenize
from collections.abc import Iterator
from itertools import pairwise

from fastgen.source_files import NOT_PARSED

_MADE = "    "
"""That of the code that fastgen writes."""


def with_indentation_of(path: str, module: bytes, made: bytes) -> bytes:
    """Code that fastgen has made, indented as a module is; other files stay as they are."""
    if not path.endswith(".py"):
        return made
    try:
        unit = next(
            (each.string for each in _tokens(module) if each.type == tokenize.INDENT), _MADE
        )
        if unit == _MADE:
            return made
        inner = dict(_lines_of_strings(made))
    except (*NOT_PARSED, tokenize.TokenError):
        return made
    return b"".join(
        _indented(line, unit.encode(), inner.get(number, len(line)))
        for number, line in enumerate(made.splitlines(keepends=True), start=1)
    )


def _tokens(content: bytes) -> Iterator[tokenize.TokenInfo]:
    return tokenize.tokenize(io.BytesIO(content).readline)


def _lines_of_strings(content: bytes) -> Iterator[tuple[int, int]]:
    """The numbers of lines that begin in a string, with their steps that are indentation.

    Those of a docstring have as many as its first line, and those of other strings none.
    """
    tokens = [*_tokens(content)]
    for token, following in pairwise(tokens):
        if tokenize.tok_name[token.type] not in ("STRING", "FSTRING_MIDDLE"):
            continue
        column = token.start[1]
        is_statement = not token.line[:column].strip() and following.type == tokenize.NEWLINE
        steps = column // len(_MADE) if is_statement else 0
        yield from ((number, steps) for number in range(token.start[0] + 1, token.end[0] + 1))


def _indented(line: bytes, unit: bytes, most: int) -> bytes:
    steps = min((len(line) - len(line.lstrip(b" "))) // len(_MADE), most)
    return unit * steps + line[steps * len(_MADE) :]
