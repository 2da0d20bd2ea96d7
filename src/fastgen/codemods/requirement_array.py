"""The requirements in `pyproject.toml`.

The array is edited as text, and the result must read as the old document with that one change.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
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
        requirements = _requirements(document)
        later = (n for n, each in enumerate(requirements) if each.lower() > requirement.lower())
        index = next(later, len(requirements))
        edits = [
            items.insertion(index, _quoted(requirement, text, items))
            for items in _arrays(text, len(requirements))
        ]
        requirements.insert(index, requirement)
        return Edited(_verified(text, edits, document))
    except EditRefused as problem:
        return CannotEdit(str(problem), requirement, can_wait=True)


def remove_requirement(text: str, requirement: str) -> EditResult:
    """Remove a requirement, if it is written exactly so."""
    try:
        document = _read(text)
        if requirement not in _declared(document):
            return AlreadyThere()
        requirements = _requirements(document)
        index = requirements.index(requirement)
        edits = [items.removal(index) for items in _arrays(text, len(requirements))]
        del requirements[index]
        return Edited(_verified(text, edits, document))
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


def _arrays(text: str, count: int) -> Iterator[Items]:
    """The arrays of so many texts that have the right key, in whatever table."""
    for found in _ARRAY.finditer(text):
        items = _items(text, found.end())
        if items is not None and len(items.items) == count:
            yield items


def _items(text: str, start: int) -> Items | None:
    """The items of the array of texts that starts there."""
    spans: list[tuple[int, int]] = []
    offset = start
    while found := _TOKEN.match(text, offset):
        if found["end"]:
            return Items(text, spans, start, found.start())
        if found["text"]:
            spans.append(found.span())
        offset = found.end()
    return None


def _quoted(requirement: str, text: str, items: Items) -> str:
    """The requirement in the quotes of the first one."""
    quote = "'" if items.items and text[items.items[0].start] == "'" else '"'
    return f"{quote}{requirement}{quote}"


def _verified(text: str, edits: Sequence[Sequence[Replacement]], intended: Document) -> str:
    """The text after the one edit that gives the intended document."""
    for replacements in edits:
        edited = replaced(text, replacements)
        try:
            if tomllib.loads(edited) == intended:
                return edited
        except tomllib.TOMLDecodeError:
            continue
    raise EditRefused("the list of `dependencies` is written in an unusual form")


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", match[0] if match else "").lower()
