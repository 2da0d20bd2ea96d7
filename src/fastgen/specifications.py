"""The fields of a resource as people write them.

A specification is `name:type[:modifier...]`, such as `price:decimal:min=0`, or
`status:enum(new|paid)`.
"""

import keyword
import re
from collections.abc import Iterator
from decimal import Decimal

from fastgen.errors import BadInput
from fastgen.fields import KINDS, MAX_SHORT, UNIQUE_WIDTH, Field

MAX_NAME = 32
UNIQUE_ROOM = 1000
"""Between the limits of a unique number, for the values that the tests make."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TYPE = re.compile(r"([a-z]+)(?:\(([^()]*)\))?")
_NUMBER = re.compile(r"-?[0-9]{1,10}(?:\.[0-9]{1,2})?")
_TAKEN = frozenset(
    "created_at created_before created_from cursor filters id l model_config owner_id page q size "
    "sort to_query updated_at version".split()
)
"""What every resource, or its list, has already; and what looks like a digit."""


def parse(specification: str, model: str) -> Field:
    """Read a specification; `model` is the class of the resource.

    Raises:
        BadInput: it is not a specification, or its parts contradict each other.
    """
    name, *rest = specification.split(":")
    problem = _name_problem(name)
    match = _TYPE.fullmatch(rest[0]) if rest else None
    if problem or match is None or match[1] not in KINDS:
        raise BadInput(
            f"`{specification}` is not a field: {problem or 'its type is not known'}.",
            f"Write it as `name:type`, with a type of: {', '.join(KINDS)}.",
        )
    kind = match[1]
    given = dict(modifier.partition("=")[::2] for modifier in rest[1:])
    field = Field(
        model=model,
        name=name,
        kind=kind,
        choices=tuple(filter(None, (match[2] or "").split("|"))),
        minimum=given.pop("min", ""),
        maximum=given.pop("max", ""),
        default=given.pop("default", ""),
        reserved=tuple(filter(None, given.pop("not", "").casefold().split("|"))),
        is_optional=given.pop("optional", None) is not None,
        is_unique=given.pop("unique", None) is not None,
    )
    problem = f"`{next(iter(given))}` is not a modifier" if given else _value_problem(field)
    if problem:
        raise BadInput(
            f"`{specification}` is not a field: {problem}.",
            "Modifiers are `optional`, `unique`, `min=`, `max=`, `default=`; for text, `not=a|b`.",
        )
    return field


def _name_problem(name: str) -> str:
    if not _NAME.fullmatch(name):
        return "a name is small ASCII letters and digits, with single `_` between, letter first"
    if len(name) > MAX_NAME:
        return f"its name is longer than {MAX_NAME} characters"
    if keyword.iskeyword(name) or name in _TAKEN:
        return f"`{name}` means something already"
    return ""


def _value_problem(field: Field) -> str:
    problems = _enum_problems(field) if field.kind == "enum" else _limit_problems(field)
    return next(problems, "") or (next(_unique_problems(field), "") if field.is_unique else "")


def _unique_problems(field: Field) -> Iterator[str]:
    if field.kind == "enum" or field.default:
        yield "many rows have the same choice, or default: it cannot be unique"
    elif field.is_text:
        longest = int(field.maximum or KINDS[field.kind].largest)
        if longest < UNIQUE_WIDTH or longest > MAX_SHORT:
            yield f"a unique text has a maximum between {UNIQUE_WIDTH} and {MAX_SHORT} characters"
    elif field.maximum and Decimal(field.maximum) - Decimal(field.minimum or 0) < UNIQUE_ROOM:
        yield "its limits leave no room for many rows"


def _enum_problems(field: Field) -> Iterator[str]:
    if not field.choices or not all(map(_NAME.fullmatch, field.choices)):
        yield "an enum needs choices such as `enum(new|paid)`, in small letters"
    if field.minimum or field.maximum or field.reserved:
        yield "an enum has choices, not limits"
    if field.default and field.default not in field.choices:
        yield "its default is not one of its choices"


def _limit_problems(field: Field) -> Iterator[str]:
    limits = [limit for limit in (field.minimum, field.maximum) if limit]
    if field.choices:
        yield "only an enum has choices"
    if not all(map(_NUMBER.fullmatch, limits)):
        yield "a limit is a number"
    if field.kind != "decimal" and any("." in limit for limit in limits):
        yield "its limits are whole numbers"
    if field.is_text and any(limit.startswith("-") for limit in limits):
        yield "a length is not negative"
    if len(limits) == 2 and Decimal(limits[0]) > Decimal(limits[1]):
        yield "its minimum is above its maximum"
    if field.reserved and not field.is_text:
        yield "only text has reserved words"
    if field.default and not field.is_text and not _NUMBER.fullmatch(field.default):
        yield "its default is not a number"
