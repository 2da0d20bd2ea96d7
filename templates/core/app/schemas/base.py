"""Base classes and field types of all schemas."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    TypeAdapter,
    ValidationError,
    model_validator,
)

MAX_JSON_LENGTH = 10_000
"""Of an object in a row: a list or an export has many of them."""

_NUMBER = re.compile(r"\s*[-+]?[0-9.]+\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_web_address = TypeAdapter(HttpUrl)


class Input(BaseModel):
    """Data from a client. Unknown fields, NUL, lone surrogates, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _check_text(cls, data: object) -> object:
        if not _is_storable(data):
            raise ValueError("text must not contain NUL characters or lone surrogates")
        return data


class Output(BaseModel):
    """Data for a client: the named attributes of a row or of another object."""

    model_config = ConfigDict(from_attributes=True)


def _is_storable(data: object) -> bool:
    """Whether all texts in a JSON value can be encoded as UTF-8 and stored in a database."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if "\x00" in value or not (value.isascii() or not _SURROGATE.search(value)):
                return False
        elif isinstance(value, dict):
            waiting += value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return True


def _check_iso_format(value: object) -> object:
    """Refuse numbers, which pydantic reads as seconds since 1970."""
    if isinstance(value, date):  # from code; a datetime is one too
        return value
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        raise ValueError("expected a value such as 2030-01-31T12:00:00Z or 2030-01-31")
    return value


Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""An integer that a database can compare with its own."""

Date = Annotated[date, BeforeValidator(_check_iso_format)]
"""A date in ISO 8601: 2030-01-31."""


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the year in UTC must be between 1 and 9999") from None


DateTime = Annotated[AwareDatetime, BeforeValidator(_check_iso_format), AfterValidator(_to_utc)]
"""A date and time with time zone in ISO 8601: 2030-01-31T12:00:00Z. It is converted to UTC."""


class _DecimalFormat:
    """Adds the range and the pattern of a decimal number to its JSON schema."""

    def __get_pydantic_json_schema__(
        self, schema: dict[str, Any], handler: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        shown = handler(schema)
        digits, places = schema.get("max_digits"), schema.get("decimal_places")
        sign = "" if schema.get("ge", -1) >= 0 else "-?"
        if digits is None or places is None:
            return shown
        number, text = shown["anyOf"]
        largest = 10 ** (digits - places) - 1
        text["pattern"] = rf"^{sign}\d{{1,{digits - places}}}(\.\d{{1,{places}}})?$"
        return {**shown, "anyOf": [{"minimum": -largest, "maximum": largest, **number}, text]}


DecimalNumber = Annotated[Decimal, _DecimalFormat()]
"""A decimal number: the string "12.50", or a JSON number."""


def with_places(places: int) -> AfterValidator:
    """Show a decimal with that many digits after the point, whatever it was computed from."""
    unit = Decimal(1).scaleb(-places)

    def quantize(value: Decimal) -> Decimal:
        return value.quantize(unit, ROUND_HALF_UP) + 0  # no negative zero

    return AfterValidator(quantize)


def _check_web_address(text: str) -> str:
    try:
        _web_address.validate_python(text)
    except ValidationError:
        raise ValueError("expected a URL such as https://example.com/path") from None
    return text


WebAddress = Annotated[str, AfterValidator(_check_web_address)]
"""An http or https URL, stored as it was sent."""


def _check_json_length(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) > MAX_JSON_LENGTH:
        raise ValueError(f"as JSON, the object has more than {MAX_JSON_LENGTH} characters")
    return value


JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_check_json_length)]
"""Any JSON object of up to `MAX_JSON_LENGTH` characters. `Input` refuses NaN and infinity in it."""


def none_of(*reserved: str) -> AfterValidator:
    """Refuse these words, in upper and lower case."""

    def check(text: str) -> str:
        if text.casefold() in reserved:
            raise ValueError("this value is reserved")
        return text

    return AfterValidator(check)
