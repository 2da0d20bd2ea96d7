"""Rows as text: CSV (RFC 4180) for spreadsheets, JSON Lines for programs."""

import csv
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from io import StringIO
from typing import Any, Protocol

from pydantic import BaseModel, TypeAdapter

anything: TypeAdapter[Any] = TypeAdapter(Any)
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""How a text starts that a spreadsheet would run, in the wide forms of the signs too."""


class Format(Protocol):
    """How rows are written."""

    suffix: str
    media_type: str

    def head(self, schema: type[BaseModel]) -> str:
        """What comes before the rows."""

    def rows(self, rows: Sequence[BaseModel]) -> str:
        """The rows, each as a line."""


class Csv:
    """A text that looks like a formula gets an apostrophe in front; numbers stay numbers."""

    suffix = "csv"
    media_type = "text/csv; charset=utf-8"

    def head(self, schema: type[BaseModel]) -> str:
        return _lines([[*schema.model_fields]])

    def rows(self, rows: Sequence[BaseModel]) -> str:
        return _lines([[_cell(value) for _, value in row] for row in rows])


class JsonLines:
    suffix = "jsonl"
    media_type = "application/jsonl"

    def head(self, schema: type[BaseModel]) -> str:
        return ""

    def rows(self, rows: Sequence[BaseModel]) -> str:
        return "".join(f"{row.model_dump_json()}\n" for row in rows)


def _lines(cells: Sequence[Sequence[str]]) -> str:
    text = StringIO(newline="")
    csv.writer(text).writerows(cells)
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    plain = anything.dump_python(value, mode="json")
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
