"""The imports of a resource's files, as far as they depend on its fields."""

import re
from collections.abc import Iterable, Mapping, Sequence

from fastgen.names.resource_names import ResourceName
from fastgen.resources.fields.model import Field

COLUMNS = frozenset("Choice Exact Id Timestamp at_least at_most long_text short_text".split())
"""Names of `app/db/columns.py`."""

SQLALCHEMY = frozenset("BigInteger Boolean Column Date Double ForeignKey Index JSON Uuid".split())
"""Names of `sqlalchemy`."""

BASES = frozenset(
    "Date DateTime DecimalNumber Input Int64 JsonObject Output WebAddress none_of "
    "with_places".split()
)
"""Names of `app/schemas/base.py`."""

PAGES = "CursorPage, CursorQuery, ListFilter, ListQuery, Page"
"""Names of `app/schemas/pagination.py`, which every resource uses."""

PYDANTIC = frozenset("EmailStr Field MISSING StrictBool StrictFloat StrictInt".split())
"""Names of `pydantic`."""

GRAPHQL = frozenset(["Int64"])
"""Names of `app/graphql/scalars.py`."""

STRAWBERRY = frozenset(["JSON"])
"""Names of `strawberry.scalars`."""

VALUES: Mapping[str, frozenset[str]] = {
    "datetime": frozenset(["date", "datetime"]),
    "decimal": frozenset(["Decimal"]),
    "enum": frozenset(["StrEnum"]),
    "typing": frozenset(["Annotated", "Any", "Literal"]),
    "uuid": frozenset(["UUID"]),
}
"""Names by their module of the standard library."""


def import_lines(
    name: ResourceName,
    fields: Sequence[Field],
    row_columns: Sequence[str],
    model_columns: Sequence[str],
    parents: Sequence[str],
) -> dict[str, list[str]]:
    """The import lines of each file, sorted.

    Args:
        name: of the resource.
        fields: of the resource.
        row_columns: code of further columns of the table, in the migration.
        model_columns: code of further columns of the table, in the model.
        parents: lines that import the models that it refers to.
    """
    enums = sorted((field.title for field in fields if field.choices), key=_natural)
    limits = [limit for field in fields for limit in field.limits]
    migration = [*(field.column_today for field in fields), *limits, *row_columns]
    model = [
        *(part for field in fields for part in field.column_arguments),
        *limits,
        *model_columns,
    ]
    rows = [part for field in fields for part in (field.python, "StrEnum" if field.choices else "")]
    own = [part for field in fields if field.is_constrained for part in (field.constrained,)]
    orm = ["Mapped", "mapped_column", *(["relationship"] if parents else [])]
    sent = [each for field in fields for each in (field.create, field.schema_type, field.output)]
    filters = [each.annotation for field in fields for each in field.filters]
    graphql = [field.graphql for field in fields]
    is_unique = any(field.is_unique or field.target for field in fields)
    return {
        "schema": [
            *_standard([*own, *sent, "datetime", "Literal"]),
            "",
            _import("pydantic", PYDANTIC, [*own, *sent, "MISSING"]),
            "",
            *(["from app.core.query import Filter"] if filters else []),
            *([f"from app.models.{name.singular} import {', '.join(enums)}"] if enums else []),
            _import("app.schemas.base", BASES, [*own, *sent, *filters, "Input", "Output"]),
            f"from app.schemas.pagination import {PAGES}",
        ],
        "graphql": [
            *_standard([*graphql, "datetime"]),
            "",
            "import strawberry",
            "from strawberry import ID, UNSET",
            *filter(None, [_import("strawberry.scalars", STRAWBERRY, graphql)]),
            "",
            *filter(None, [_import("app.graphql.scalars", GRAPHQL, graphql)]),
            *([f"from app.models.{name.singular} import {', '.join(enums)}"] if enums else []),
        ],
        "model": [
            f"from dataclasses import dataclass{', field' if is_unique else ''}",
            *_standard(rows),
            "",
            "from app.memory.base import Row",
            *parents,
        ],
        "table": [
            *_standard(rows),
            *([""] if any(_standard(rows)) else []),
            _import("sqlalchemy", SQLALCHEMY, [*model, "Index"]),
            f"from sqlalchemy.orm import {', '.join(orm)}",
            "",
            "from app.db.base import Model",
            *filter(None, [_import("app.db.columns", COLUMNS, model)]),
            *parents,
        ],
        "migration": [
            "from alembic import op",
            _import("sqlalchemy", SQLALCHEMY, [*migration, "BigInteger"]),
            "",
            _import("app.db.columns", COLUMNS, [*migration, "Id", "Timestamp"]),
        ],
    }


def _standard(used: Sequence[str]) -> list[str]:
    return [line for module in VALUES if (line := _import(module, VALUES[module], used))]


def _import(module: str, offered: Iterable[str], used: Sequence[str]) -> str:
    """The import of those of the `offered` names that the code in `used` needs, if any."""
    code = re.sub(r'"[^"]*"|\'[^\']*\'', "", " ".join(used))
    names = {*offered} & {*re.findall(r"\w+", code)}
    return f"from {module} import {', '.join(sorted(names, key=_order))}" if names else ""


def _natural(name: str) -> list[str | int]:
    """Sorts as Ruff does: without regard to case, and by the values of numbers."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [int(part) if part.isdigit() else part for part in parts]


def _order(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions."""
    return name[0].islower(), not name.isupper(), name
