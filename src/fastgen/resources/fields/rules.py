"""The rules for the limits, choices and defaults of a field."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from fastgen.names.field_names import is_identifier
from fastgen.rendering.quoting import python, width
from fastgen.resources.fields.field_in_tests import UNIQUE_WIDTH
from fastgen.resources.fields.model import Field
from fastgen.resources.fields.samples import UNIQUE_RANGE
from fastgen.resources.fields.types import FIELD_TYPES, MAX_SHORT

MAX_CHOICE = 60
MAX_TEXT = 10_000_000
"""Characters of the longest text: a request with more is refused for its size."""
MIN_ADDRESS = 40
"""Characters that the maximum of an email or a URL must allow: the tests' values need them."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,2})?")
_EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[!-~]*)?")
_DATETIME = re.compile(r"[0-9-]{10}T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:[0-9]{2})")


def problem_of(field: Field) -> str:
    """The contradiction between the parts of a field; empty if there is none."""
    problems = {"enum": _enum_problems, "ref": _ref_problems}.get(field.type, _limit_problems)
    return next(
        (
            problem
            for check in (
                problems,
                _length_problems,
                _reserved_problems,
                _default_problems,
                _unique_problems,
                _index_problems,
            )
            for problem in check(field)
        ),
        "",
    )


def _unique_problems(field: Field) -> Iterator[str]:
    if not field.is_unique:
        return
    if not FIELD_TYPES[field.type].unique:
        yield f"a field of the type `{field.type}` cannot be unique"
    elif field.default:
        yield "a field with a default cannot be unique"
    elif field.is_text:
        if field.max_length < UNIQUE_WIDTH or field.max_length > MAX_SHORT:
            yield f"a unique text has a maximum between {UNIQUE_WIDTH} and {MAX_SHORT} characters"
    elif field.maximum and Decimal(field.maximum) - Decimal(field.minimum or 0) < UNIQUE_RANGE:
        yield f"the limits of a unique number must be at least {UNIQUE_RANGE} apart"


def _index_problems(field: Field) -> Iterator[str]:
    if not field.is_indexed:
        return
    if not FIELD_TYPES[field.type].is_indexable:
        yield "a column of this type cannot have an index"
    elif field.is_text and field.max_length > MAX_SHORT:
        yield f"a text with an index has a maximum of up to {MAX_SHORT} characters"


def _enum_problems(field: Field) -> Iterator[str]:
    if not field.choices or not all(map(is_identifier, field.choices)):
        yield "choices consist of lower-case letters, digits and `_`, as in `enum(new|paid)`"
    if len(set(field.choices)) < len(field.choices):
        yield "a choice comes twice"
    if any(len(choice) > MAX_CHOICE for choice in field.choices):
        yield f"a choice is longer than {MAX_CHOICE} characters"
    if field.minimum or field.maximum or field.reserved:
        yield "an enum cannot have limits"


def _ref_problems(field: Field) -> Iterator[str]:
    if not is_identifier(field.target):
        yield "a reference names a router such as `ref(orders)`"
    if field.minimum or field.maximum or field.reserved:
        yield "a reference cannot have limits"


def _limit_problems(field: Field) -> Iterator[str]:
    limits = [limit for limit in (field.minimum, field.maximum) if limit]
    if field.choices:
        yield "only an enum has choices"
    if limits and FIELD_TYPES[field.type].bounds is None:
        yield "only text and numbers can have limits"
    if not all(map(_NUMBER.fullmatch, limits)):
        yield "a limit must be a number of up to 10 digits, with up to 2 decimal places"
    if field.type not in ("decimal", "float") and any("." in limit for limit in limits):
        yield "its limits must be whole numbers"
    if len(limits) == 2 and Decimal(limits[0]) > Decimal(limits[1]):
        yield "its minimum is above its maximum"
    if field.reserved and field.type not in ("str", "text"):
        yield "only text can have reserved words"


def _length_problems(field: Field) -> Iterator[str]:
    if not field.is_text:
        return
    minimum, maximum = int(field.minimum or 0), field.max_length
    if minimum < 0 or maximum < 0:
        yield "a length cannot be negative"
    if maximum == 0:
        yield "the maximum of a text is 1 or more"
    if maximum > MAX_TEXT:
        yield f"the maximum of a text is {MAX_TEXT} or less"
    if field.type in ("email", "url") and (field.minimum or maximum < MIN_ADDRESS):
        yield f"an address can have no minimum, and no maximum below {MIN_ADDRESS} characters"
    if minimum > maximum:
        yield f"its minimum is above its maximum, which is {maximum}"


def _reserved_problems(field: Field) -> Iterator[str]:
    if not all(map(str.isprintable, field.reserved)):
        yield "a reserved word has a character that cannot be printed"
    # As the tests send a word, it has to fit on a line.
    if any(width(python(word.title())[1:-1]) > MAX_CHOICE for word in field.reserved):
        yield f"a reserved word is longer than {MAX_CHOICE} characters"
    if field.reserved and len(field.in_tests.sample_texts) < 2:
        yield "its reserved words leave fewer than two values"
    if field.is_unique and any(map(str.isdecimal, field.reserved)):
        yield "a unique text cannot reserve numbers: the tests send them"


def _default_problems(field: Field) -> Iterator[str]:
    default, field_type = field.default, FIELD_TYPES[field.type]
    if not default:
        return
    if not field_type.default:
        yield "it cannot have a default"
    elif field.type == "enum":
        if default not in field.choices:
            yield "its default is not one of its choices"
    elif not default.isprintable():
        yield "its default has a character that cannot be printed"
    elif not _is_value(field.type, default):
        yield f"its default must be written as in `{field_type.example}`"
    elif not _is_within(field, default):
        yield "its default is not within its limits"
    elif default.casefold() in field.reserved:
        yield "its default is reserved"


def _is_within(field: Field, default: str) -> bool:
    if field.is_text:
        return int(field.minimum or 0) <= len(default) <= field.max_length
    if field.type not in ("int", "float", "decimal"):
        return True
    least, greatest = field.minimum or default, field.maximum or default
    return Decimal(least) <= Decimal(default) <= Decimal(greatest)


def _is_datetime(text: str) -> bool:
    return bool(_DATETIME.fullmatch(text)) and bool(datetime.fromisoformat(text))


_VALUES: Mapping[str, Callable[[str], object]] = {
    "int": lambda text: _NUMBER.fullmatch(text) and "." not in text,
    "float": _NUMBER.fullmatch,
    "decimal": _NUMBER.fullmatch,
    "bool": ("true", "false").__contains__,
    "date": lambda text: len(text) == len("2030-01-31") and date.fromisoformat(text),
    "datetime": _is_datetime,
    "uuid": lambda text: str(UUID(text)) == text,
    "email": _EMAIL.fullmatch,
    "url": _URL.fullmatch,
}
"""Whether a text is a value of the type; a ValueError means that it is not."""


def _is_value(field_type: str, text: str) -> bool:
    with suppress(ValueError):
        return bool(_VALUES.get(field_type, str.isprintable)(text))
    return False
