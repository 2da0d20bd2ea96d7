"""Rows as text that programs can read and spreadsheets do not run."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AnyUrl, Field, computed_field, create_model

from app.files.formats import Columns, Csv, JsonLines
from app.schemas.base import Output, with_places


class Sign(StrEnum):
    PLUS = "+"


def columns_of(annotation: Any) -> Columns:
    return Columns(create_model("Cell", __base__=Output, value=(annotation, ...), other=(int, 1)))


def cell(annotation: Any, *values: object) -> str:
    """The first cell of a column."""
    columns = columns_of(annotation)
    text = Csv().head(columns) + Csv().rows(columns, [(value, 1) for value in values])
    row = next(csv.DictReader(StringIO(text, newline="")))
    assert row["other"] == "1"
    return row["value"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1+1", "@a", "\t=1", "\r1", "\n1", " =1", "\uff1d1", '=c|"/c"!A0', Sign.PLUS],
)
@pytest.mark.parametrize("others", [(), ("a", "b"), (None,)], ids=["alone", "texts", "null"])
def test_no_text_is_a_formula(text: str, others: tuple[object, ...]) -> None:
    annotation = Sign | str | None if isinstance(text, Sign) else str | None

    assert cell(annotation, text, *others) == f"'{text}"


def test_a_formula_is_found_behind_other_texts() -> None:
    lines = Csv().rows(columns_of(str), [("a", 1), ("b=", 2), ("=c", 3)]).splitlines()

    assert lines == ["a,1", "b=,2", "'=c,3"]


@pytest.mark.parametrize("text", ["", "a", "1-1", "-1.50", 'say "hi", twice\r\n', "ä\u2028", "'"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cell(str, text, "a") == text


@pytest.mark.parametrize(
    ("annotation", "value", "written"),
    [
        (str | None, None, ""),
        (bool, True, "true"),
        (int, -7, "-7"),
        (float | None, -1.5, "-1.5"),
        (Decimal, Decimal("-12.50"), "-12.50"),
        (Annotated[Decimal, with_places(2)] | None, Decimal(-1), "-1.00"),
        (Annotated[Decimal, with_places(2)], Decimal(-1), "-1.00"),
        (date, date(2031, 2, 3), "2031-02-03"),
        (datetime, datetime(2031, 2, 3, 4, tzinfo=UTC), "2031-02-03T04:00:00Z"),
        (UUID, UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (AnyUrl, AnyUrl("https://example.com/a"), "https://example.com/a"),
        (dict[str, Any], {"a": [1, "ä"]}, '{"a":[1,"ä"]}'),
        (list[str], ["=1"], '["=1"]'),
    ],
)
def test_values(annotation: Any, value: object, written: str) -> None:
    assert cell(annotation, value) == written


class Total(Output):
    price: Decimal
    secret: Annotated[str, Field(exclude=True)] = "x"

    @computed_field
    def doubled(self) -> Decimal:
        return 2 * self.price


def test_a_schema_with_code_of_its_own() -> None:
    columns = Columns(Total)

    assert columns.selected == ("price",)
    assert Csv().head(columns) == "price,doubled\r\n"
    assert Csv().rows(columns, [(Decimal("1.50"),)]) == "1.50,3.00\r\n"


def test_json_lines_are_as_in_the_api() -> None:
    columns = columns_of(Decimal | str)

    lines = JsonLines().rows(columns, [(Decimal("1.50"), 1), ("a\nb", 1)]).splitlines()

    assert JsonLines().head(columns) == ""
    assert [json.loads(line)["value"] for line in lines] == ["1.50", "a\nb"]
