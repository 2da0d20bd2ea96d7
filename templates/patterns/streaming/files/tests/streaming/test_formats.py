"""Rows as text that programs read and spreadsheets do not run."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from pydantic import AnyUrl, BaseModel

from app.core.streams.formats import Csv, JsonLines


class Kind(StrEnum):
    PLUS = "+"


class Cell(BaseModel):
    value: Any
    other: int = 1


def cell(value: object) -> str:
    text = Csv().head(Cell) + Csv().rows([Cell(value=value)])
    (row,) = csv.DictReader(StringIO(text, newline=""))
    assert row["other"] == "1"
    return row["value"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n1", " =1", "\uff1d1", '=c|"/c"!A0', Kind.PLUS],
)
def test_no_text_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a", "a=1", "1-1", 'say "hi", twice\r\n', "ä\u2028", "'"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "true"),
        (-7, "-7"),
        (-1.5, "-1.5"),
        (Decimal("-12.50"), "-12.50"),
        (date(2031, 2, 3), "2031-02-03"),
        (datetime(2031, 2, 3, 4, tzinfo=UTC), "2031-02-03T04:00:00Z"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (AnyUrl("https://example.com/a"), "https://example.com/a"),
        ({"a": [1, "ä"]}, '{"a": [1, "ä"]}'),
        (["=1"], '["=1"]'),
    ],
)
def test_values(value: object, written: str) -> None:
    assert cell(value) == written


def test_json_lines_are_what_the_api_says() -> None:
    rows = [Cell(value=Decimal("1.50")), Cell(value="a\nb")]

    lines = JsonLines().rows(rows).splitlines()

    assert JsonLines().head(Cell) == ""
    assert [json.loads(line)["value"] for line in lines] == ["1.50", "a\nb"]
