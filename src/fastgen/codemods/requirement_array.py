"""The requirements in `pyproject.toml`.

The array is edited as text, and the result must read as the old document with that one change.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditRefused, EditResult
from fastgen.codemods.line_offsets import Replacement, replaced
from fastgen.codemods.separated_items import Items

_ARRAY = re.compile(r"""\bdependencies["']?[ \t]*=[ \t]*\[""")
_TOKEN = re.compile(
    r"""(?P<skip>[\s,]+|\#[^\r\n]*)
    |(?P<text>\"{3}.*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\r\n])*"|'[^'\r\n]*')
    |(?P<end>\])""",
    re.VERBOSE | re.DOTALL,
)
Document = dict[str, Any]


def add_requirement(text: str, requirement: str) -> EditResult:
    """Insert a requirement among those of the project, where a sorted list has it."""
    try:
        document = _read(text)
    except EditRefused as problem:
        return CannotEdit(str(problem), requirement)
    if _name(requirement) in map(_name, _declared(document)):
        return AlreadyThere()
    try:
        before = _requirements(document)
        later = [number for number, each in enumerate(before) if each.lower() > requirement.lower()]
        index = later[0] if later else len(before)
        before.insert(index, requirement)
        return Edited(_edited(text, document, index, requirement))
    except EditRefused as problem:
        return CannotEdit(str(problem), requirement, can_wait=True)


def remove_requirement(text: str, requirement: str) -> EditResult:
    """Remove a requirement, if it is written exactly so."""
    try:
        document = _read(text)
        if requirement not in _declared(document):
            return AlreadyThere()
        before = _requirements(document)
        index = before.index(requirement)
        del before[index]
        return Edited(_edited(text, document, index, None))
    except EditRefused as problem:
        return CannotEdit(str(problem), requirement)


def _read(text: str) -> Document:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise EditRefused(f"it is not valid: {error}") from None


def _declared(document: Document) -> list[str]:
    """The requirements of the project, and those that Poetry keeps in a table of its own."""
    poetry = _table(document, "tool", "poetry", "dependencies")
    requirements = _table(document, "project").get("dependencies")
    return [*map(str, requirements if isinstance(requirements, list) else []), *poetry]


def _requirements(document: Document) -> list[str]:
    """The list in the document.

    Raises:
        EditRefused: the requirements are kept in another way.
    """
    project = _table(document, "project")
    found = project.get("dependencies")
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return found
    if _table(document, "tool", "poetry"):
        raise EditRefused("Poetry keeps the dependencies")
    dynamic = project.get("dynamic")
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        raise EditRefused("the dependencies are dynamic")
    raise EditRefused("there is no list of `dependencies` under `[project]`")


def _table(document: Document, *keys: str) -> Document:
    found: object = document
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _edited(text: str, intended: Document, index: int, requirement: str | None) -> str:
    """The text whose array is edited so that it reads as intended."""
    for replacements in _possible_edits(text, index, requirement):
        edited = replaced(text, replacements)
        try:
            if tomllib.loads(edited) == intended:
                return edited
        except tomllib.TOMLDecodeError:
            continue
    raise EditRefused("the list of `dependencies` is written in an unusual form")


def _possible_edits(text: str, index: int, requirement: str | None) -> Iterator[list[Replacement]]:
    """The edit of each array that has the right key, in whatever table."""
    for found in _ARRAY.finditer(text):
        try:
            items = _items(text, found.end())
        except EditRefused:
            continue
        if requirement is not None:
            first = text[items.items[0].start] if items.items else ""
            quote = "'" if first == "'" else '"'
            yield items.insertion(index, f"{quote}{requirement}{quote}")
        elif index < len(items.items):
            yield items.removal(index)


def _items(text: str, start: int) -> Items:
    """The items of the array of texts that starts there."""
    spans: list[tuple[int, int]] = []
    offset = start
    while found := _TOKEN.match(text, offset):
        if found["end"]:
            return Items(text, spans, start, found.start())
        if found["text"]:
            spans.append(found.span())
        offset = found.end()
    raise EditRefused("it is not an array of texts")


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", match[0] if match else "").lower()
