"""The bases of all schemas: what comes in is checked whole, what goes out is what is named."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    HttpUrl,
    TypeAdapter,
    ValidationError,
    model_validator,
)

_NUMBER = re.compile(r"\s*[-+]?[0-9.]+\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_web_address = TypeAdapter(HttpUrl)


class Input(BaseModel):
    """What a client sends; unknown fields, unstorable text, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _text_that_can_be_stored(cls, data: object) -> object:
        if not _is_storable(data):
            raise ValueError("NUL characters and lone surrogates are not text")
        return data


class Output(BaseModel):
    """What a client receives: the named attributes of a row or of another object."""

    model_config = ConfigDict(from_attributes=True)


def _is_storable(data: object) -> bool:
    """Whether all texts in a JSON value fit into UTF-8, and into a database."""
    if isinstance(data, str):
        return "\x00" not in data and (data.isascii() or not _SURROGATE.search(data))
    if isinstance(data, dict):
        return all(_is_storable(key) and _is_storable(value) for key, value in data.items())
    if isinstance(data, list):
        return all(map(_is_storable, data))
    return True


def _written_as_text(value: object) -> object:
    """Keep pydantic from taking numbers for seconds since 1970."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        raise ValueError("it must be written as in 2030-01-31T12:00:00Z, or 2030-01-31")
    return value


Date = Annotated[date, BeforeValidator(_written_as_text)]
"""A day, as a client writes it: 2030-01-31."""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is before the year 1, or after the year 9999") from None


DateTime = Annotated[AwareDatetime, BeforeValidator(_written_as_text), AfterValidator(_in_utc)]
"""A moment with its time zone, as a client writes it: 2030-01-31T12:00:00Z."""


class _WrittenOut:
    """Lets the documentation say how a decimal number is written, where it is sent as a text."""

    def __get_pydantic_json_schema__(
        self, schema: dict[str, Any], show: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        shown = show(schema)
        digits, places = schema.get("max_digits"), schema.get("decimal_places")
        sign = "" if schema.get("ge", -1) >= 0 else "-?"
        if digits is None or places is None:
            return shown
        number, text = shown["anyOf"]
        largest = 10 ** (digits - places) - 1
        text["pattern"] = rf"^{sign}\d{{1,{digits - places}}}(\.\d{{1,{places}}})?$"
        return {**shown, "anyOf": [{"minimum": -largest, "maximum": largest, **number}, text]}


Amount = Annotated[Decimal, _WrittenOut()]
"""A decimal number, as a client writes it: "12.50", or a number of JSON."""


def _is_web_address(text: str) -> str:
    try:
        _web_address.validate_python(text)
    except ValidationError:
        raise ValueError("it must be written as in https://example.com/path") from None
    return text


WebAddress = Annotated[str, AfterValidator(_is_web_address)]
"""A URL of the web; it is kept as it was sent."""


def _is_json(value: dict[str, Any]) -> dict[str, Any]:
    waiting: list[Any] = [value]
    while waiting:
        match waiting.pop():
            case dict() as found:
                waiting += found.values()
            case list() as found:
                waiting += found
            case float() as number if not isfinite(number):
                raise ValueError("NaN and infinity are not JSON")
    return value


JsonObject = Annotated[dict[str, Any], AfterValidator(_is_json)]
"""Any object of JSON."""


def none_of(*reserved: str) -> AfterValidator:
    """Refuse these words, in any case."""

    def check(text: str) -> str:
        if text.casefold() in reserved:
            raise ValueError("this value is reserved")
        return text

    return AfterValidator(check)
