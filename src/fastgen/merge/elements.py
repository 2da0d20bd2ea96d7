"""Conflicts in lists: two additions in one place are both taken, in files that are lists.

The lines of a conflict are read as elements with keys: a requirement by its name, a variable of
`.env.example` by its own, an import by its module, a class by its name, a service or a job by its
name, anything else by its text.
In the modules of resources, the fields that fastgen adds come before what people have added in the
same place, and fields that it removes take nothing with them that is below.
"""

import ast
import re
import tomllib
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from fastgen.merge.formatting import is_only_formatted
from fastgen.merge.regions import Clean, Conflict, Region, three_way
from fastgen.merge.yaml_entries import entries, level_of
from fastgen.rendering.layout import class_line
from fastgen.source_files import NOT_PARSED

ENVIRONMENT = ".env.example"
LISTS = frozenset(
    ".env.example .github/workflows/ci.yml app/api/deps.py app/api/router.py app/api/v1/router.py "
    "app/lifespan.py app/main.py app/middleware/__init__.py app/settings.py compose.yaml "
    "pyproject.toml tests/conftest.py".split()
)
"""Files that fastgen and people add elements to."""
RESOURCES = ("app/models/", "app/schemas/", "tests/factories/")
"""Folders of modules that fastgen and people add fields and methods to."""

_REQUIREMENT = re.compile(r"""^\s*["']([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*[<>=!~;@"']""")
_VARIABLE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=")
_IMPORT = re.compile(r"^from (\S+) import ([\w, ]+)\n$")
_CLASS = re.compile(r"^class (\w+)\(([\w.,\s]+)\):\n$")
_NAME = re.compile(r"""^\s*(?:(?:async\s+)?(?:def|class)\s+(\w+)|["']?(\w+)["']?\s*[:=])""")
_COMMENT = re.compile(r"#[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")

Elements = dict[Hashable, str]
Key = TypeVar("Key", bound=Hashable)


def resolved(
    path: str, regions: Sequence[Region], lines: Sequence[Sequence[str]]
) -> Sequence[Region]:
    """The regions with the conflicts of lists resolved; the same if the result is not valid.

    Args:
        path: of the file.
        regions: of the merged text.
        lines: those of base, ours and theirs, as far as the regions do not have them.
    """
    if path not in LISTS and not path.startswith(("app/api/v1/router", *RESOURCES)):
        return regions
    if path == ENVIRONMENT:
        regions = three_way(*(_blocks(each) for each in lines))
    tried = [_tried(path, each) if isinstance(each, Conflict) else each for each in regions]
    is_complete = all(isinstance(each, Clean) for each in tried)
    return tried if not is_complete or _is_valid(path, tried) else regions


def _tried(path: str, conflict: Conflict) -> Region:
    return _both(conflict) if path.startswith(RESOURCES) else _resolved(path, conflict)


def _both(conflict: Conflict) -> Region:
    """What fastgen has made of its lines, and what people have added below, if names differ."""
    ours = conflict.ours
    lengths = range(len(ours) + 1)
    length = next((n for n in lengths if is_only_formatted(ours[:n], conflict.base)), None)
    if length is None or not _names(ours[length:]).isdisjoint(_names(conflict.theirs)):
        return conflict
    return Clean((*conflict.theirs, *ours[length:]))


def _names(lines: Sequence[str]) -> set[str]:
    """The names of fields, keys, functions and classes; a line without one by its text."""
    found = ((line, _NAME.match(line)) for line in lines if line.strip())
    return {(name[1] or name[2]) if name else line.strip() for line, name in found}


def _resolved(path: str, conflict: Conflict) -> Region:
    found = (conflict.base, conflict.ours, conflict.theirs)
    if path.endswith((".yaml", ".yml")):
        level = level_of(found)
        sides = [_by_key(entries(side, level)) for side in found]
    else:
        sides = [_by_key(_elements(path, side)) for side in found]
    if any(side is None for side in sides):
        return conflict
    base, ours, theirs = (side or {} for side in sides)
    # The key of a blank line changes when a variable is added above it, which takes nothing out.
    needed = {key for key, text in base.items() if text.strip() or path != ENVIRONMENT}
    if not needed <= {*ours, *theirs}:
        return conflict  # both sides took it out, and may have put something in its place
    merged: Elements = {}
    for key in {**theirs, **ours}:
        value = _chosen(base.get(key), ours.get(key), theirs.get(key))
        if value is None:
            return conflict
        if value:
            merged[key] = value
    texts = [merged[key] for key in _ordered([*ours], [*theirs], merged.keys())]
    if all(map(_IMPORT.match, texts)):
        texts.sort(key=lambda line: line.split()[1])
    return Clean(tuple(texts))


def _ordered(ours: Sequence[Key], theirs: Sequence[Key], merged: Collection[Key]) -> Sequence[Key]:
    """The keys of the result: those of theirs, and each other one after that before it in ours."""
    order = [key for key in theirs if key in merged]
    position = 0
    for key in ours:
        if key in merged and key not in order:
            order.insert(position, key)
        if key in merged:
            position = order.index(key) + 1
    return order


def _chosen(base: str | None, ours: str | None, theirs: str | None) -> str | None:
    """The element of the result; empty if it goes, None if both have changed it."""
    if ours in (base, theirs):
        return theirs or ""
    if theirs == base:
        return ours or ""
    return _import(base, ours, theirs) or _class(base, ours, theirs)


def _import(*lines: str | None) -> str | None:
    """The import of all names that one of two imports has, less those that one took out."""
    matches = [_IMPORT.match(line) if line else None for line in lines]
    if matches[1] is None or matches[2] is None:
        return None
    names = _of_both(*(match[2].split(", ") if match else () for match in matches))
    ordered = sorted(names, key=lambda name: (name[0].islower(), not name.isupper(), name))
    return f"from {matches[1][1]} import {', '.join(ordered)}\n"


def _class(*lines: str | None) -> str | None:
    """The first line of a class with the bases that either side has added, less those taken out."""
    matches = [_CLASS.match(line) if line else None for line in lines]
    if None in matches:
        return None
    names = [[*filter(None, re.split(r"[\s,]+", match[2]))] for match in matches if match]
    _, ours, theirs = names
    bases = _ordered(ours, theirs, _of_both(*names))
    return class_line(matches[0][1], bases) + "\n" if matches[0] and bases else None


def _of_both(base: Iterable[str], ours: Iterable[str], theirs: Iterable[str]) -> set[str]:
    """The names that both sides have or one side has added."""
    before, one, other = {*base}, {*ours}, {*theirs}
    return (one & other) | (one - before) | (other - before)


def _by_key(elements: Iterable[tuple[Hashable, str]]) -> Elements | None:
    """The elements by their keys; None if a key is there twice."""
    found: Elements = {}
    for key, element in elements:
        if key in found:
            return None
        found[key] = element
    return found


def _elements(path: str, lines: Sequence[str]) -> Iterator[tuple[Hashable, str]]:
    """The key and the text of each element."""
    last: Hashable = None
    for element in _joined(lines) if path.endswith(".py") else lines:
        if not element.strip():
            key: Hashable = ("blank after", last)
        elif match := _IMPORT.match(element):
            key = ("import", match[1])
        elif match := _CLASS.match(element):
            key = ("class", match[1])
        elif path == "pyproject.toml" and (match := _REQUIREMENT.match(element)):
            key = ("requirement", re.sub(r"[-_.]+", "-", match[1]).lower())
        elif match := _VARIABLE.search(element.rsplit("\n", 2)[-2]):
            key = ("variable", match[1].upper())
        else:
            key = element.strip()
        yield key, element
        last = key


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """The lines of each statement together: those inside of brackets belong to it."""
    element, depth = "", 0
    for line in lines:
        code = _COMMENT.sub("", line)
        depth += sum(map(code.count, "([{")) - sum(map(code.count, ")]}"))
        element += line
        if depth <= 0:
            yield element
            element = ""
    if element:
        yield element


def _blocks(lines: Sequence[str]) -> list[str]:
    """The variables of an environment file, each with the comments above it."""
    found: list[str] = []
    block = ""
    for line in lines:
        block += line
        if not line.startswith("#"):
            found.append(block)
            block = ""
    return [*found, block] if block else found


def _is_valid(path: str, regions: Sequence[Region]) -> bool:
    text = "".join("".join(each.lines) for each in regions if isinstance(each, Clean))
    try:
        if path.endswith(".py"):
            ast.parse(text)
        elif path.endswith(".toml"):
            tomllib.loads(text)
    except NOT_PARSED:
        return False
    return True
