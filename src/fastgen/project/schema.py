"""The schema of the state: TOML tables in, checked values out.

Every function raises SchemaError for a table that fastgen does not write.
"""

import re
from collections.abc import Mapping
from typing import Any

from fastgen.errors import BadInput
from fastgen.project.choices import choose_one
from fastgen.project.operations import EXAMPLES, KINDS, Operation
from fastgen.project.patterns import names, with_needs
from fastgen.project.request import Answers, Overlay, OverlayAnswer
from fastgen.rendering.quoting import toml

Table = Mapping[str, Any]


class SchemaError(ValueError):
    """A table has another content than fastgen writes."""


_ID = re.compile(r"(?:[a-z][a-z0-9_-]*)?")
_VERSION = re.compile(
    r"[0-9]{1,9}(?:\.[0-9]{1,9}){2}"
    r"(?:(?:a|b|rc)[0-9]{1,9})?(?:\.(?:post|dev)[0-9]{1,9}){0,2}(?:\+[0-9A-Za-z.]{1,32})?"
)
_PROJECT = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_CHOICE = re.compile(r"[a-z]+")
_WORD = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
_WITH_DASHES = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_NAMES = {
    "router": re.compile(_WORD),
    "field": re.compile(rf"{_WORD}\.{_WORD}"),
    "middleware": re.compile(_WITH_DASHES),
    "extra": re.compile(_WITH_DASHES),
}
_FIELD = re.compile(rf"{_WORD}:[a-z_]+(?:\([^()]*\))?(?::.*)?", re.DOTALL)
_OPTIONS = {
    "router": {"fields", "singular", "owned", "template"},
    "field": {"field"},
    "middleware": set[str](),
    "extra": set[str](),
}
_OPTION_VALUES = {
    "fields": _FIELD,
    "field": _FIELD,
    "singular": re.compile(_WORD),
    "owned": re.compile("yes|no"),
    "template": re.compile(
        "|".join(one.text("template") for one in EXAMPLES if one.text("template"))
    ),
}


def parse_version(document: Table) -> str:
    """The version of fastgen that wrote the document."""
    _check_keys(document, {"schema", "fastgen", "answers"}, {"overlays"})
    return _matching(_VERSION, document, "fastgen")


def parse_answers(table: object) -> Answers:
    """The table `[answers]`."""
    answers = _table(table, "answers")
    _check_keys(answers, {"name", "title", "description", "author", "patterns"}, {"queue"})
    chosen = _texts(answers, "patterns")
    if unknown := sorted({*chosen}.difference(names())):
        raise SchemaError(f"{_shown(unknown[0])} is not a known pattern")
    if missing := sorted({*with_needs(chosen)}.difference(chosen)):
        raise SchemaError(f"`patterns` lacks `{missing[0]}`, which others need")
    queue = _matching(_CHOICE, answers, "queue") if "queue" in answers else None
    try:
        queue = choose_one("queue", queue, chosen)
    except BadInput as error:
        raise SchemaError(error.message.rstrip(".")) from None
    return Answers(
        name=_matching(_PROJECT, answers, "name"),
        title=_text(answers, "title"),
        description=_text(answers, "description"),
        author=_text(answers, "author"),
        patterns=with_needs(chosen),
        queue=queue,
    )


def parse_overlays(tables: object) -> tuple[Overlay, ...]:
    """The array of tables `[[overlays]]`."""
    if not isinstance(tables, list):
        raise SchemaError("`overlays` is not an array of tables")
    return tuple(_overlay(_table(table, "overlays")) for table in tables)


def parse_operation(id_: str, document: Table) -> Operation:
    """An operation that is recorded under an ID."""
    kind, name = _text(document, "kind"), _text(document, "name")
    if kind not in KINDS:
        raise SchemaError(f"{_shown(kind)} is not a known kind")
    _check_keys(document, {"kind", "name"}, {"after", *_OPTIONS[kind]})
    if not _NAMES[kind].fullmatch(name):
        raise SchemaError(f"{_shown(name)} cannot be the name of a {kind}")
    after = _matching(_ID, document, "after") if "after" in document else ""
    options = {key: _option(document, key) for key in document if key in _OPTIONS[kind]}
    if kind == "router" and ("fields" in options) is ("template" in options):
        raise SchemaError("a router has either `fields` or a `template`")
    if options.get("fields") == ():
        raise SchemaError("`fields` is empty")
    operation = Operation(kind, name, options, after)
    if operation.id != id_:
        raise SchemaError(f"the ID of the {kind} {_shown(name)} is `{operation.id}`")
    return operation


def parse_operations(tables: object) -> list[Operation]:
    """The tables `[operations.ID]` of a state in one file."""
    operations = _table(tables, "operations")
    return [parse_operation(id_, _table(operations[id_], id_)) for id_ in operations]


def _overlay(table: Table) -> Overlay:
    _check_keys(table, {"source", "ref", "commit"}, {"answers"})
    answers = _table(table.get("answers", {}), "answers")
    return Overlay(
        source=_text(table, "source"),
        ref=_text(table, "ref"),
        commit=_text(table, "commit"),
        answers={key: _overlay_answer(answers, key) for key in answers},
    )


def _overlay_answer(answers: Table, key: str) -> OverlayAnswer:
    value = answers[key]
    if isinstance(value, str | bool | int | float):
        return value
    return list(_texts(answers, key))


def _option(table: Table, key: str) -> str | tuple[str, ...]:
    if key != "fields":
        return _matching(_OPTION_VALUES[key], table, key)
    values = _texts(table, key)
    for value in values:
        if not _OPTION_VALUES[key].fullmatch(value):
            raise SchemaError(f"{_shown(value)} is not a field")
    return values


def _check_keys(table: Table, required: set[str], optional: set[str]) -> None:
    if unknown := sorted(table.keys() - required - optional):
        raise SchemaError(f"{_shown(unknown[0])} is not a known key")
    if missing := sorted(required - table.keys()):
        raise SchemaError(f"`{missing[0]}` is missing")


def _table(value: object, key: str) -> Table:
    if not isinstance(value, dict):
        raise SchemaError(f"`{key}` is not a table")
    return value


def _text(table: Table, key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise SchemaError(f"{_shown(key)} is not a text")
    return value


def _texts(table: Table, key: str) -> tuple[str, ...]:
    values = table.get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise SchemaError(f"{_shown(key)} is not a list of texts")
    return tuple(values)


def _matching(pattern: re.Pattern[str], table: Table, key: str) -> str:
    text = _text(table, key)
    if not pattern.fullmatch(text):
        raise SchemaError(f"{_shown(text)} cannot be the value of `{key}`")
    return text


def _shown(text: str) -> str:
    """A text from a file, without control characters and not too long for a message."""
    return f"`{toml(text[:40])[1:-1]}`"
