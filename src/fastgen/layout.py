"""Breaks the lines of Python that names have made too long, as a formatter would."""

from collections.abc import Iterator

WIDTH = 100
INDENT = "    "


def break_long_lines(source: str) -> str:
    """The same code, with each line of more than `WIDTH` columns broken at a pair of brackets.

    It knows the statements that the templates of a resource hold: imports, signatures and calls.
    """
    return "\n".join(part for line in source.split("\n") for part in _broken(line))


def _broken(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    if line.startswith("from "):
        module, _, names = line.partition(" import ")
        return [f"{module} import (", *(f"{INDENT}{name}," for name in names.split(", ")), ")"]
    pairs = _outer_brackets(line)
    if not pairs:
        return [line]
    is_signature = line.lstrip().startswith(("def ", "async def "))
    opening, closing = pairs[0] if is_signature else pairs[-1]
    head, body, tail = line[: opening + 1], line[opening + 1 : closing], indent + line[closing:]
    if len(indent + INDENT + body) <= WIDTH:
        return [head, indent + INDENT + body, tail]
    items = [_broken(f"{indent}{INDENT}{item},") for item in _items(body)]
    return [head, *(part for parts in items for part in parts), tail]


def _outer_brackets(line: str) -> list[tuple[int, int]]:
    """Where the pairs that no other pair encloses open and close."""
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for index, character in _outside_strings(line):
        if character in "([{":
            opened.append(index)
        elif character in ")]}":
            start = opened.pop()
            if not opened:
                pairs.append((start, index))
    return pairs


def _items(body: str) -> list[str]:
    """The parts between the commas that no bracket encloses."""
    enclosed = [range(*pair) for pair in _outer_brackets(body)]
    commas = [
        index
        for index, character in _outside_strings(body)
        if character == "," and not any(index in span for span in enclosed)
    ]
    starts, ends = [0, *(comma + 1 for comma in commas)], [*commas, len(body)]
    return [body[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def _outside_strings(line: str) -> Iterator[tuple[int, str]]:
    quote = ""
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            yield index, character
