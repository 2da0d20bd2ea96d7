"""The import lines of a resource's files that depend on its fields, sorted."""

import re
from collections.abc import Iterable, Mapping, Sequence

from fastgen.naming import ResourceName
from fastgen.resources.fields.model import Field

COLUMNS = frozenset("Exact Id Timestamp at_least at_most choice long_text short_text".split())
"""What `app/core/sql/columns.py` has for the columns of a resource."""

SQLALCHEMY = frozenset("BigInteger Boolean Column Date Double ForeignKey Index JSON Uuid".split())
"""What else its table is made of."""

BASES = frozenset("Amount Date DateTime Input JsonObject Output WebAddress none_of".split())
"""What `app/schemas/base.py` has for its schemas."""

PYDANTIC = frozenset("EmailStr Field MISSING StrictBool StrictFloat StrictInt".split())
"""What else they are made of."""

VALUES: Mapping[str, frozenset[str]] = {
    "datetime": frozenset(["date", "datetime"]),
    "decimal": frozenset(["Decimal"]),
    "enum": frozenset(["StrEnum"]),
    "typing": frozenset(["Annotated", "Any", "Literal"]),
    "uuid": frozenset(["UUID"]),
}
"""What values are made of, by the module of the standard library."""


def import_lines(
    name: ResourceName, fields: Sequence[Field], further: Sequence[str], parents: Sequence[str]
) -> dict[str, list[str]]:
    """The lines of each file.

    Args:
        name: of the resource.
        fields: of the resource.
        further: columns that its table has besides.
        parents: lines that import the models that it refers to.
    """
    enums = sorted(field.title for field in fields if field.choices)
    columns = [part for field in fields for part in (field.column, *field.limits)] + [*further]
    rows = [part for field in fields for part in (field.python, "StrEnum" if field.choices else "")]
    own = [part for field in fields if field.is_constrained for part in (field.constrained,)]
    sent = [part for field in fields for part in (field.create, field.sent_as, field.python)]
    filters = "Filters, " if any(field.is_filter for field in fields) else ""
    is_unique = any(field.is_unique or field.target for field in fields)
    return {
        "schema": [
            *_standard([*own, *sent, "datetime", "Literal"]),
            "",
            _import("pydantic", PYDANTIC, [*own, *sent, "MISSING"]),
            "",
            *([f"from app.models.{name.singular} import {', '.join(enums)}"] if enums else []),
            _import("app.schemas.base", BASES, [*own, *sent, "Input", "Output"]),
            f"from app.schemas.pagination import CursorPage, {filters}ListQuery, Page",
        ],
        "model": [
            f"from dataclasses import dataclass{', field' if is_unique else ''}",
            *_standard(rows),
            "",
            "from app.models.base import Row",
            *parents,
        ],
        "table": [
            "from dataclasses import dataclass",
            *_standard(rows),
            "",
            _import("sqlalchemy", SQLALCHEMY, columns),
            "",
            *filter(None, [_import("app.core.sql.columns", COLUMNS, columns)]),
            "from app.core.sql.tables import define_table",
            "from app.models.base import Row",
        ],
        "migration": [
            "from alembic import op",
            _import("sqlalchemy", SQLALCHEMY, [*columns, "BigInteger"]),
            "",
            _import("app.core.sql.columns", COLUMNS, [*columns, "Id", "Timestamp"]),
        ],
    }


def _standard(used: Sequence[str]) -> list[str]:
    return [line for module in VALUES if (line := _import(module, VALUES[module], used))]


def _import(module: str, offered: Iterable[str], used: Sequence[str]) -> str:
    """The import of what the code in `used` needs of a module, or nothing."""
    code = re.sub(r'"[^"]*"|\'[^\']*\'', "", " ".join(used))
    names = {*offered} & {*re.findall(r"\w+", code)}
    return f"from {module} import {', '.join(sorted(names, key=_order))}" if names else ""


def _order(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions."""
    return name[0].islower(), not name.isupper(), name
