"""What the bases of all schemas let in."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from app.schemas.base import Date, DateTime, Input, JsonObject, WebAddress, none_of


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
    ],
)
def test_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Note.model_validate(data)


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
