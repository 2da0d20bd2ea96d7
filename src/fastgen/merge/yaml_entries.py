"""Reads lines of YAML as entries: a service of `compose.yaml`, or a job of a workflow, is one."""

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence

_LEVEL = 2
"""The indentation of services and jobs."""
_KEY = re.compile(r"([\w.-]+):(?:\s|$)")


def level_of(sides: Iterable[Sequence[str]]) -> int:
    """The indentation of entries in some lines; deeper ones belong to the entry above them."""
    lines = (line for side in sides for line in side if line.strip())
    return max(_LEVEL, min(map(_indentation, lines), default=0))


def entries(lines: Iterable[str], level: int) -> Iterator[tuple[Hashable, str]]:
    """The key and the text of each entry, with the comments above it and blank lines below."""
    section = ""
    for block in _blocks(lines, level):
        first = next((line for line in block if not _is_comment(line)), block[0])
        match = _KEY.match(first.lstrip())
        key = match[1] if match else first.strip()
        if not _indentation(first):
            section = key
        yield (section, key), "".join(block)


def _blocks(lines: Iterable[str], level: int) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        starts = line.strip() and _indentation(line) <= level
        if starts and not all(map(_is_comment, block)):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
