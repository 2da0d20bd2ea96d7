"""Rows as CSV (RFC 4180) for spreadsheets, and as JSON Lines for programs.

Values are serialized as in the responses of the API. Whole columns are converted at once: a schema
for each row would take most of the time of an export.
"""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields as members
from io import StringIO
from types import GenericAlias
from typing import Any

from pydantic import TypeAdapter

from app.schemas.base import Output

FORMULA = re.compile(r"\s*[=+@\uff1d\uff0b\uff0d\uff20]|\s*-(?![0-9.]+(?:\x00|\Z))|[\t\r\n]")
"""The start of a text that a spreadsheet would run, with the wide forms of the signs.

A negative number is none: decimals are texts in JSON.
"""
SUSPICIOUS = re.compile(rf"\x00(?:{FORMULA.pattern})")
Row = Sequence[Any]


class Columns:
    """Converts columns to JSON values, as the schema does for rows."""

    def __init__(self, schema: type[Output]) -> None:
        fields = {name: one for name, one in schema.model_fields.items() if not one.exclude}
        self.selected = tuple(fields)
        """The columns that are read."""
        self.names = (*fields, *schema.model_computed_fields)
        self._schema = schema
        self._adapters = [_list_of(field.rebuild_annotation()) for field in fields.values()]
        decorators = schema.__pydantic_decorators__
        self._has_own_code = any(getattr(decorators, each.name) for each in members(decorators))

    def convert(self, rows: Sequence[Row]) -> Sequence[Sequence[Any]]:
        """The columns of rows, as JSON values."""
        if not rows:
            return [()] * len(self.names)
        if self._has_own_code:  # decorated validators, serializers or computed fields
            return self._convert_by_row(rows)
        columns = zip(*rows, strict=True)
        return [
            adapter.dump_python(adapter.validate_python([*column]), mode="json")
            for adapter, column in zip(self._adapters, columns, strict=True)
        ]

    def _convert_by_row(self, rows: Sequence[Row]) -> Sequence[Sequence[Any]]:
        found = (dict(zip(self.selected, row, strict=True)) for row in rows)
        shown = [self._schema.model_validate(row).model_dump(mode="json") for row in found]
        return [[row[name] for row in shown] for name in self.names]


class Csv:
    """A text that looks like a formula is prefixed with an apostrophe."""

    suffix = "csv"
    media_type = "text/csv; charset=utf-8"

    def head(self, columns: Columns) -> str:
        """The text before the rows."""
        return _lines([columns.names])

    def rows(self, columns: Columns, rows: Sequence[Row]) -> str:
        """A line for each row."""
        return _lines(zip(*map(_safe, columns.convert(rows)), strict=True))


class JsonLines:
    suffix = "jsonl"
    media_type = "application/jsonl"

    def head(self, _columns: Columns) -> str:
        return ""

    def rows(self, columns: Columns, rows: Sequence[Row]) -> str:
        names = columns.names
        lines = zip(*columns.convert(rows), strict=True)
        return "".join(f"{_to_json(dict(zip(names, line, strict=True)))}\n" for line in lines)


Format = Csv | JsonLines

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _lines(rows: Iterable[Row]) -> str:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _safe(column: Sequence[Any]) -> Sequence[Any]:
    try:
        texts = "\0".join(("", *column))
    except TypeError:  # not only texts
        return [_safe_cell(value) for value in column]
    return [_safe_cell(value) for value in column] if SUSPICIOUS.search(texts) else column


def _safe_cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return _to_json(value) if isinstance(value, bool | list | dict) else value


def _list_of(annotation: object) -> TypeAdapter[list[Any]]:
    return TypeAdapter(GenericAlias(list, (annotation,)))  # type: ignore[arg-type]
