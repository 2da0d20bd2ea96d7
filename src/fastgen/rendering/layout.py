"""Lays out Python whose names were not known when it was written, as a formatter would.

It knows the statements that the templates of a resource hold: imports, signatures, calls, fields.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import chain, groupby

from fastgen.rendering.quoting import literal_lines, width

WIDTH = 100
INDENT = "    "

_CALL = re.compile(r"([\w.]+)\((.+)\)")
_CHOICE = re.compile(r"(\[.*\]) (if .+) (else \[\])")
_ATTRIBUTE = re.compile(r" +(\w+): (.+?) = (.+)")


def lay_out(source: str) -> str:
    """The same code, with its imports in order and no line of more than `WIDTH` columns."""
    blocks = [
        sorted(block, key=_module) if is_import else list(block)
        for is_import, block in groupby(source.split("\n"), _is_import)
    ]
    lines = chain.from_iterable(blocks)
    return "\n".join(part for line in lines for part in _broken(line))


def class_line(name: str, bases: Sequence[str]) -> str:
    """The first line of a class, or lines, without the newline at the end."""
    line = ", ".join(bases)
    if len(f"class {name}({line}):") <= WIDTH:
        return f"class {name}({line}):"
    if len(f"{INDENT}{line}") <= WIDTH:
        return f"class {name}(\n{INDENT}{line}\n):"
    return "\n".join([f"class {name}(", *(f"{INDENT}{base}," for base in bases), "):"])


def _is_import(line: str) -> bool:
    return line.startswith("from ") and "(" not in line


def _module(line: str) -> str:
    return line.split()[1]


def _broken(line: str) -> list[str]:
    if width(line) <= WIDTH:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    if _is_import(line):
        module, _, names = line.partition(" import ")
        return [f"{module} import (", *(f"{INDENT}{name}," for name in names.split(", ")), ")"]
    if attribute := _ATTRIBUTE.fullmatch(line):
        return _broken_attribute(indent, *attribute.groups())
    pairs = _outer_brackets(line)
    if not pairs:
        return [line]
    is_signature = line.lstrip().startswith(("def ", "async def "))
    opening, closing = pairs[0] if is_signature else pairs[-1]
    head, body, tail = line[: opening + 1], line[opening + 1 : closing], indent + line[closing:]
    items = _items(body)
    # A list or the like, other than arguments, has a line for each of its items.
    is_display = line[opening] in "[{(" and line[opening - 1] in " ("
    fits = width(indent + INDENT + body) <= WIDTH and not is_display
    if fits and not (is_signature and len(items) == 1):
        return [head, indent + INDENT + body, tail]
    if choice := _CHOICE.fullmatch(body):
        # `*([A()] if condition else [])` is no call: a comma would make a tuple.
        parts = [[f"{indent}{INDENT}{part}"] for part in choice.groups()]
    else:
        parts = [_broken(f"{indent}{INDENT}{item},") for item in items]
    return [head, *(part for lines in parts for part in lines), tail]


def _broken_attribute(indent: str, name: str, annotation: str, value: str) -> list[str]:
    head = f"{indent}{name}: {annotation} = "
    call = _CALL.fullmatch(value)
    if call and len(f"{head}{call[1]}(") <= WIDTH:
        return _broken_call(indent, head, call)
    if call and len(head) < WIDTH:
        return [f"{head}(", *_broken_call(indent + INDENT, indent + INDENT, call), f"{indent})"]
    if annotation.endswith("]"):
        outer, _, inner = annotation.removesuffix("]").partition("[")
        opening = [f"{indent}{name}: {outer}[", f"{indent}{INDENT}{inner}"]
        last = f"{indent}] = "
        if call and width(last + value) > WIDTH:
            return [*opening, *_broken_call(indent, last, call)]
        return [*opening, last + value]
    if len(head) < WIDTH:
        return [f"{head}(", *_value_lines(indent + INDENT, value), f"{indent})"]
    return [f"{indent}{name}: (", f"{indent}{INDENT}{annotation}", f"{indent}) = {value}"]


def _value_lines(indent: str, value: str) -> list[str]:
    is_text = value[0] in "\"'"
    return literal_lines(ast.literal_eval(value), indent) if is_text else [indent + value]


def _broken_call(indent: str, head: str, call: re.Match[str]) -> list[str]:
    """A call behind `head`, with its arguments on lines of their own."""
    inner = indent + INDENT
    arguments = _items(call[2])
    if width(inner + call[2]) <= WIDTH:
        lines = [inner + call[2]]
    elif len(arguments) == 1 and (only := _CALL.fullmatch(call[2])):
        lines = _broken_call(inner, inner, only)
    else:
        lines = [f"{inner}{argument}," for argument in arguments]
    return [f"{head}{call[1]}(", *lines, f"{indent})"]


def _outer_brackets(line: str) -> list[tuple[int, int]]:
    """The offsets of the outermost pairs, as they open and close."""
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
    quote, is_escaped = "", False
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote and not is_escaped else quote
            is_escaped = character == "\\" and not is_escaped
        elif character in "\"'":
            quote = character
        else:
            yield index, character
