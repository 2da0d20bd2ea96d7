"""Base classes and field types of schemas."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from app.schemas.base import (
    MAX_JSON_LENGTH,
    Date,
    DateTime,
    DecimalNumber,
    Input,
    JsonObject,
    WebAddress,
    none_of,
    with_places,
)


class Note(Input):
    text: Annotated[str, none_of("admin")] = ""
    weight: float = 0
    tags: list[dict[str, Any]] = []
    day: Date | None = None
    moment: DateTime | None = None
    source: WebAddress = "https://example.com"
    extra: JsonObject = {}


@pytest.mark.parametrize(
    "data",
    [
        {"unknown": 1},
        {"text": "Admin"},
        {"text": "a\x00b"},
        {"text": "\ud800"},
        {"tags": [{"deep": ["\x00"]}]},
        {"tags": [{"\ud800": 1}]},
        {"weight": float("nan")},
        {"weight": float("inf")},
        {"day": 0},
        {"day": "0"},
        {"moment": 1.5},
        {"moment": " 1.5 "},
        {"moment": "2030-01-31T12:00:00"},
        {"moment": "0001-01-01T00:00:00+14:00"},
        {"source": "example"},
        {"source": "ftp://example.com"},
        {"extra": [1]},
        {"extra": {"deep": [1, {"a": float("nan")}]}},
        {"extra": {"a": "é" * (MAX_JSON_LENGTH - len('{"a":""}') + 1)}},
    ],
)
def test_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Note.model_validate(data)


def test_the_longest_json_object() -> None:
    extra = {"a": "é" * (MAX_JSON_LENGTH - len('{"a":""}'))}

    assert Note.model_validate({"extra": extra}).extra == extra


def test_code_may_pass_dates() -> None:
    moment = datetime(2030, 1, 31, 14, tzinfo=timezone(timedelta(hours=2)))

    note = Note(day=date(2030, 1, 31), moment=moment)

    assert note == Note.model_validate({"day": "2030-01-31", "moment": "2030-01-31T12:00:00Z"})
    with pytest.raises(ValidationError, match="timezone"):
        Note(moment=datetime(2030, 1, 31))  # noqa: DTZ001  # as code may by mistake


def test_let_in() -> None:
    note = Note.model_validate(
        {
            "text": "Zürich \U0001f600",
            "tags": [{"a": [1, None, "é"]}],
            "day": "2030-01-31",
            "moment": "2030-01-31T14:00:00+02:00",
            "source": "HTTP://Example.com",
            "extra": {"deep": [1, None, 0.5]},
        }
    )

    assert note.day == date(2030, 1, 31)
    assert str(note.moment) == str(datetime(2030, 1, 31, 12, tzinfo=UTC))
    assert note.source == "HTTP://Example.com"


@pytest.mark.parametrize(
    ("limits", "minimum", "pattern"),
    [
        (Field(max_digits=12, decimal_places=2), -9999999999, r"^-?\d{1,10}(\.\d{1,2})?$"),
        (Field(max_digits=5, decimal_places=1, ge=0), 0, r"^\d{1,4}(\.\d{1,1})?$"),
    ],
)
def test_the_documentation_says_how_an_amount_is_written(
    limits: Any, minimum: int, pattern: str
) -> None:
    number, text = TypeAdapter(Annotated[DecimalNumber, limits]).json_schema()["anyOf"]

    assert (number["type"], number["minimum"]) == ("number", minimum)
    assert (text["type"], text["pattern"]) == ("string", pattern)


def test_an_amount_without_limits_is_any_number() -> None:
    amount = TypeAdapter(DecimalNumber)

    assert "pattern" not in str(amount.json_schema())
    assert amount.validate_python("12.50") == Decimal("12.50")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1", "1.00"), ("1E+2", "100.00"), ("0.125", "0.13"), ("-0", "0.00"), ("-1.005", "-1.01")],
)
def test_decimals_have_one_form(value: str, shown: str) -> None:
    price = TypeAdapter(Annotated[Decimal, with_places(2)])

    assert price.dump_json(price.validate_python(Decimal(value))) == f'"{shown}"'.encode()
