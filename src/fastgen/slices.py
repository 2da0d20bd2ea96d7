"""The files of a resource: a table says which template goes where, jinja2 renders them.

The same templates serve every combination of patterns. What differs between combinations is in the
table: which files there are, and the values that it hands over.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastgen import fields, wiring
from fastgen.errors import BadInput, Refused
from fastgen.fields import Field
from fastgen.layout import break_long_lines
from fastgen.naming import ResourceName
from fastgen.project import Operation
from fastgen.templates import templates

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it is to be; its path is relative to the root of the project."""

    path: str
    text: str


def add_router(root: Path, patterns: Collection[str], operation: Operation) -> list[Change]:
    """What adding a resource changes in the project in `root`. Nothing is written.

    Raises:
        BadInput: its name or one of its fields is not possible.
        Refused: a file is in the way, or there is no telling how to make the resource known.
    """
    folder = templates() / "slice"
    table = tomllib.loads((folder / "slice.toml").read_text("utf-8"))
    name = ResourceName.of(operation.name, _text(operation, "singular"))
    context = _context(name, _fields(operation, name.model), table, patterns)
    changes = []
    for file in table["files"]:
        if _applies(file, patterns):
            path = file["destination"].format(plural=name.plural, singular=name.singular)
            if (root / path).exists():
                raise Refused(f"`{path}` is there already.", "Choose another name, or move it.")
            changes.append(Change(path, _render(folder, file["template"], context)))
    return [*changes, _wire(root, table["wiring"], name)]


def _text(operation: Operation, option: str) -> str | None:
    value = operation.options.get(option)
    return value if isinstance(value, str) else None


def _fields(operation: Operation, model: str) -> list[Field]:
    parsed = [fields.parse(text, model) for text in operation.options.get("fields", ())]
    names = [field.name for field in parsed]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"There are two fields called `{twice[0]}`.", "Rename one of them.")
    return parsed


def _applies(row: Table, patterns: Collection[str]) -> bool:
    """Whether a row of the table is for a project with these patterns."""
    return row.get("with", "") in ("", *patterns) and row.get("without", "") not in patterns


def _context(
    name: ResourceName, fields: list[Field], table: Table, patterns: Collection[str]
) -> dict[str, Any]:
    """What the templates may use."""
    values: dict[str, Any] = {}
    for row in table["values"]:
        if _applies(row, patterns):
            values |= {key: value for key, value in row.items() if key not in ("with", "without")}
    filters = [field for field in fields if field.choices]
    sortable = [field.name for field in fields if field.is_sortable] + ["created_at", "id"]
    return {
        "plural": name.plural,
        "singular": name.singular,
        "model": name.model,
        "url": name.url,
        "path": f"/{{{name.singular}_id}}",
        "words": {
            "plural": name.plural.replace("_", " "),
            "singular": name.singular.replace("_", " "),
        },
        "fields": fields,
        "filters": filters,
        "searched": [field.name for field in fields if field.is_text],
        "sorts": [f'"{sign}{field}"' for field in sortable for sign in ("", "-")],
        "changeable": [field for field in fields if field.samples[0] != field.samples[1]],
        "imports": _imports(name, fields),
        **values,
    }


def _imports(name: ResourceName, fields: list[Field]) -> dict[str, list[str]]:
    """The import lines that depend on the fields, sorted."""
    enums = sorted(field.title for field in fields if field.choices)
    is_decimal = any(field.kind == "decimal" for field in fields)
    is_constrained = len(enums) < len(fields)
    is_reserved = any(field.reserved for field in fields)
    decimal = ["from decimal import Decimal"] if is_decimal else []
    return {
        "schema": [
            "from datetime import datetime",
            *decimal,
            f"from typing import {'Annotated, ' if is_constrained else ''}Literal",
            "",
            f"from pydantic import MISSING{', Field' if is_constrained else ''}",
            "",
            *([f"from app.models.{name.singular} import {', '.join(enums)}"] if enums else []),
            f"from app.schemas.base import Input, Output{', none_of' if is_reserved else ''}",
            f"from app.schemas.page import CursorPage, {'Filters, ' if enums else ''}ListQuery, Page",
        ],
        "model": [
            "from dataclasses import dataclass",
            *decimal,
            *(["from enum import StrEnum"] if enums else []),
        ],
    }


def _render(folder: Path, template: str, context: Mapping[str, Any]) -> str:
    import jinja2  # noqa: PLC0415  # costs more than the rest of the program

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # the output is Python
    )
    return break_long_lines(environment.get_template(template).render(context))


def _wire(root: Path, wanted: Table, name: ResourceName) -> Change:
    path = wanted["file"]
    source = (root / path).read_bytes().decode("utf-8")
    outcome = wiring.include_router(
        source,
        module=f"{wanted['package']}.{name.plural}",
        prefix=f"/{name.url}",
        tag=name.plural,
    )
    match outcome:
        case wiring.Wired(text):
            return Change(path, text)
        case wiring.AlreadyWired():
            return Change(path, source)
        case wiring.CannotWire(reason, paste):
            raise Refused(f"`{path}` cannot be edited: {reason}.", f"Add these lines:\n{paste}")
