"""The files of a resource: a table says which template goes where, jinja2 renders them.

The same templates serve every combination of patterns. What differs between combinations is in the
table: which files there are, and the values that it hands over.
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastgen import revisions, specifications, wiring
from fastgen.errors import BadInput, Refused
from fastgen.fields import Field
from fastgen.layout import lay_out
from fastgen.naming import ResourceName
from fastgen.project import Operation
from fastgen.templates import templates

if TYPE_CHECKING:
    import jinja2

ROUTERS = "app/api/v1/router.py"
"""Where a project lists its resources."""

COLUMNS = frozenset("Exact Id Timestamp at_least at_most choice long_text short_text".split())
"""What `app/core/sql/columns.py` has for the columns of a resource."""

SQLALCHEMY = frozenset("BigInteger Column ForeignKey Index".split())
"""What else its table is made of."""

CONDITIONS = frozenset({"with", "without", "owned"})
"""What a row of the table has to say about where it belongs."""

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
    folder = _folder(operation)
    table = tomllib.loads((folder / "slice.toml").read_text("utf-8"))
    context = _context(operation, table, patterns) | _revision(root, operation)
    files = [
        Change(file["destination"].format_map(context), _render(folder, file["template"], context))
        for file in table["files"]
        if _applies(file, patterns, operation)
    ]
    for file in files:
        if (root / file.path).exists():
            raise Refused(f"`{file.path}` is there already.", "Choose another name, or move it.")
    routers = [
        {key: value.format_map(context) for key, value in router.items()}
        for router in table["routers"]
        if _applies(router, patterns, operation)
    ]
    return [*files, _register(root, routers)]


def _folder(operation: Operation) -> Path:
    """The templates of the operation: those of any resource, or those of one written out."""
    name = _text(operation, "template", "slice")
    if name not in ("slice", "feedback"):
        raise BadInput(f"`{name}` is not a template of a resource.", "Restore the state file.")
    return templates() / name


def _text(operation: Operation, option: str, default: str) -> str:
    value = operation.options.get(option, default)
    return value if isinstance(value, str) else default


def _fields(operation: Operation, model: str) -> list[Field]:
    parsed = [specifications.parse(text, model) for text in operation.options["fields"]]
    names = [field.name for field in parsed]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"There are two fields called `{twice[0]}`.", "Rename one of them.")
    if not any(field.samples[0] != field.samples[1] for field in parsed):
        raise BadInput("There is no field that could have two values.", "Give one.")
    return parsed


def _applies(row: Table, patterns: Collection[str], operation: Operation) -> bool:
    """Whether a row of the table is for a project with these patterns, and for this operation."""
    is_owned = _text(operation, "owned", "yes") == "yes"
    needed = row.get("with", [])
    return (
        set([needed] if isinstance(needed, str) else needed).issubset(patterns)
        and row.get("without", "") not in patterns
        and row.get("owned", is_owned) is is_owned
    )


def _context(operation: Operation, table: Table, patterns: Collection[str]) -> dict[str, Any]:
    """What the templates may use; a resource without fields needs nothing."""
    if "fields" not in operation.options:
        return {}
    name = ResourceName.of(operation.name, _text(operation, "singular", "") or None)
    fields = _fields(operation, name.model)
    values = _values(table, patterns, operation, name)
    sortable = [field.name for field in fields if field.is_sortable] + ["created_at", "id"]
    return {
        "plural": name.plural,
        "singular": name.singular,
        "model": name.model,
        "url": name.url,
        "path": f"/{{{name.singular}_id}}",
        "words": name.plural.replace("_", " "),
        "word": name.singular.replace("_", " "),
        "fields": fields,
        "filters": [field for field in fields if field.choices],
        "searched": [field.name for field in fields if field.is_text],
        "sorts": [f'"{sign}{field}"' for field in sortable for sign in ("", "-")],
        "changeable": [field for field in fields if field.samples[0] != field.samples[1]],
        "imports": _imports(name, fields, values["row_columns"]),
        **values,
    }


def _revision(root: Path, operation: Operation) -> dict[str, str]:
    """How a migration is called, and which one it follows, as literals."""
    before = revisions.head(root)
    return {
        "revision": operation.id,
        "down_revision": "None" if before is None else f'"{before}"',
    }


def _values(
    table: Table, patterns: Collection[str], operation: Operation, name: ResourceName
) -> dict[str, str | list[str]]:
    """What the table hands over, with the names of the resource in it."""
    names = {
        "plural": name.plural,
        "singular": name.singular,
        "model": name.model,
        "url": name.url,
    }
    values: dict[str, str | list[str]] = {}
    for row in table["values"]:
        if _applies(row, patterns, operation):
            for key, value in row.items():
                if key in CONDITIONS:
                    continue
                values[key] = (
                    value.format_map(names)
                    if isinstance(value, str)
                    else [line.format_map(names) for line in value]
                )
    return values


def _imports(
    name: ResourceName, fields: list[Field], further: Sequence[str]
) -> dict[str, list[str]]:
    """The import lines that depend on the fields, and on further columns, sorted."""
    enums = sorted(field.title for field in fields if field.choices)
    is_decimal = any(field.kind == "decimal" for field in fields)
    is_constrained = len(enums) < len(fields)
    is_reserved = any(field.reserved for field in fields)
    filters = "Filters, " if enums else ""
    decimal = ["from decimal import Decimal"] if is_decimal else []
    enum = ["from enum import StrEnum"] if enums else []
    used = [part for field in fields for part in (field.column, *field.limits)] + [*further]
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
            f"from app.schemas.pagination import CursorPage, {filters}ListQuery, Page",
        ],
        "model": [_dataclass(fields), *decimal, *enum],
        "table": [
            "from dataclasses import dataclass",
            *decimal,
            *enum,
            "",
            _import("sqlalchemy", SQLALCHEMY, used),
            "",
            *filter(None, [_import("app.core.sql.columns", COLUMNS, used)]),
            "from app.core.sql.tables import define_table",
        ],
        "migration": [
            "from alembic import op",
            _import("sqlalchemy", SQLALCHEMY, [*used, "BigInteger"]),
            "",
            _import("app.core.sql.columns", COLUMNS, [*used, "Id", "Timestamp"]),
        ],
    }


def _dataclass(fields: list[Field]) -> str:
    is_unique = any(field.is_unique for field in fields)
    return f"from dataclasses import dataclass{', field' if is_unique else ''}"


def _import(module: str, offered: frozenset[str], used: Sequence[str]) -> str:
    """The import of what the text in `used` needs of a module, or nothing."""
    code = re.sub(r'"[^"]*"', "", " ".join(used))
    names = offered & {*re.findall(r"\w+", code)}
    ordered = sorted(names, key=lambda name: (name.islower(), name))
    return f"from {module} import {', '.join(ordered)}" if ordered else ""


def _render(folder: Path, template: str, context: Mapping[str, Any]) -> str:
    return lay_out(_environment(folder).get_template(template).render(context))


@cache
def _environment(folder: Path) -> "jinja2.Environment":
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # the output is Python
    )


def _register(root: Path, routers: Sequence[Mapping[str, str]]) -> Change:
    """Include the routers in the project's own list of them."""
    source = (root / ROUTERS).read_bytes().decode("utf-8")
    for router in routers:
        outcome = wiring.include_router(
            source, module=router["module"], prefix=router["prefix"], tag=router["tag"]
        )
        match outcome:
            case wiring.Wired(text):
                source = text
            case wiring.AlreadyWired():
                pass
            case wiring.CannotWire(reason, paste):
                raise Refused(
                    f"`{ROUTERS}` cannot be edited: {reason}.", f"Add these lines:\n{paste}"
                )
    return Change(ROUTERS, source)
