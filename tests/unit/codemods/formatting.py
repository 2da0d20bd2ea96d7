"""Writes Python in other lines: by formatters, and by chance."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from itertools import accumulate
from random import Random
from tokenize import COMMENT, NAME, NL, NUMBER, STRING, generate_tokens

import autopep8  # type: ignore[import-untyped]
import black
from hypothesis import settings
from hypothesis import strategies as st
from yapf.yapflib.yapf_api import FormatCode  # type: ignore[import-untyped]

Formatter = Callable[[str, int], str]
WIDTHS = st.integers(40, 120)
"""Line lengths."""
SEEDS = st.none() | st.integers(0, 2**32)
"""Of `rewrapped`; without one, a text stays as it is."""
_GAPS = ["\n", "\n    ", "\n\n\t", "   ", "  # a, (b]\n  ", "\n # größer\n"]
_WORDS = (NAME, NUMBER, STRING)


def examples(count: int) -> settings:
    """So many examples of a property; twenty times as many with `FASTGEN_EVERYTHING=1`."""
    return settings(max_examples=count * (20 if "FASTGEN_EVERYTHING" in os.environ else 1))


def by_black(text: str, width: int) -> str:
    return black.format_str(text, mode=black.Mode(line_length=width))


def by_black_preview(text: str, width: int) -> str:
    mode = black.Mode(line_length=width, preview=True, unstable=True)
    return black.format_str(text, mode=mode)


def by_ruff(text: str, width: int) -> str:
    options = ["--isolated", f"--line-length={width}", "-"]
    return subprocess.run(
        [sys.executable, "-m", "ruff", "format", *options],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def by_yapf(text: str, width: int) -> str:
    formatted: str
    formatted, _ = FormatCode(text, style_config=f"{{based_on_style: pep8, column_limit: {width}}}")
    return formatted


def by_autopep8(text: str, width: int) -> str:
    formatted: str = autopep8.fix_code(text, options={"aggressive": 2, "max_line_length": width})
    return formatted


def rewrapped(text: str, seed: int | None) -> str:
    """Break a text at random between the tokens inside brackets, as people might."""
    if seed is None:
        return text
    random, depth, done, last = Random(seed), 0, 0, NL
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    parts = []
    for token in generate_tokens(StringIO(text).readline):
        if depth and token.type == NL:
            continue
        start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        gap = text[done:start]
        if depth:
            gap = random.choice(_GAPS) if random.random() < 0.2 else " " * bool(gap)
            gap = gap or " " * (last in _WORDS and token.type in _WORDS)
            gap = f"\n{gap}" if last == COMMENT else gap
        parts += [gap, text[start:end]]
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.string, 0)
        done, last = end, token.type
    return "".join(parts)


def is_python(text: str) -> bool:
    """Whether autopep8 has left a comment where it belongs: it puts some before a comma."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
