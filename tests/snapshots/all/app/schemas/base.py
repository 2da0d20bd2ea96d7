"""The bases of all schemas: what comes in is checked whole, what goes out is what is named."""

import re
from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    model_validator,
)

_NUMBER = re.compile(r"\s*[-+]?[0-9.]+\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")


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

DateTime = Annotated[AwareDatetime, BeforeValidator(_written_as_text)]
"""A moment with its time zone, as a client writes it: 2030-01-31T12:00:00Z."""


def none_of(*reserved: str) -> AfterValidator:
    """Refuse these words, in any case."""

    def check(text: str) -> str:
        if text.casefold() in reserved:
            raise ValueError("this value is reserved")
        return text

    return AfterValidator(check)
