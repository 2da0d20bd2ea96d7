"""The fields of a resource as people write them.

A specification is `name:type[:modifier...]`: `price:decimal:min=0`, `status:enum(new|paid)`, or
`order:ref(orders)`, whose field is called `order_id`.
"""

import keyword
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from fastgen.errors import BadInput
from fastgen.resources.fields.model import UNIQUE_WIDTH, Field
from fastgen.resources.fields.types import KINDS, MAX_SHORT

MAX_NAME = 32
UNIQUE_ROOM = 1000
"""Between the limits of a unique number, for the values that the tests make."""
MAX_CHOICE = 60
ROOM = 40
"""Characters that an address has at least, for the values that the tests make."""
MODIFIERS = ("optional", "unique", "index", "min", "max", "default", "not")
DEFAULT = ("name:str:max=80",)
"""The fields of a resource when nobody says."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TYPE = re.compile(r"([a-z]+)(?:\(([^()]*)\))?")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,2})?")
_EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[!-~]*)?")
_MOMENT = re.compile(r"[0-9-]{10}T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:[0-9]{2})")
_TAKEN = frozenset(
    "any bool created_at created_before created_from cursor date datetime dict filters float id "
    "int l list model_config owner_id page q size sort str to_query updated_at version".split()
)
"""What every resource, or its list, has already; types of fields; and what looks like a digit."""


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
            f"Write it as `name:type`, with a type of: {', '.join(map(written, KINDS))}.",
        )
    kind, inside = match[1], match[2] or ""
    given = dict(modifier.partition("=")[::2] for modifier in _modifiers(rest[1:]))
    is_ref = kind == "ref"
    field = Field(
        model=model,
        name=f"{name.removesuffix('_id')}_id" if is_ref else name,
        kind=kind,
        choices=() if is_ref else tuple(filter(None, inside.split("|"))),
        target=inside if is_ref else "",
        minimum=given.pop("min", ""),
        maximum=given.pop("max", ""),
        default=given.pop("default", ""),
        reserved=tuple(filter(None, given.pop("not", "").casefold().split("|"))),
        is_optional=given.pop("optional", None) is not None,
        is_unique=given.pop("unique", None) is not None,
        is_indexed=given.pop("index", None) is not None or is_ref,
    )
    problem = f"`{next(iter(given))}` is not a modifier" if given else _value_problem(field)
    if problem:
        raise BadInput(
            f"`{specification}` is not a field: {problem}.",
            "Modifiers are `optional`, `unique`, `index`, `min=`, `max=`, `default=`; for text, "
            "`not=a|b`.",
        )
    return field


def written(kind: str) -> str:
    """A type as it is written."""
    return {"enum": "enum(a|b)", "ref": "ref(resources)"}.get(kind, kind)


def _modifiers(parts: Sequence[str]) -> list[str]:
    """The modifiers; a default may have colons in it."""
    found: list[str] = []
    for part in parts:
        is_known = part.partition("=")[0] in MODIFIERS
        if found and found[-1].startswith("default=") and not is_known:
            found[-1] += f":{part}"
        else:
            found.append(part)
    return found


def _name_problem(name: str) -> str:
    if not _NAME.fullmatch(name):
        return "a name is small ASCII letters and digits, with single `_` between, letter first"
    if len(name) > MAX_NAME:
        return f"its name is longer than {MAX_NAME} characters"
    if keyword.iskeyword(name) or name in _TAKEN:
        return f"`{name}` means something already: try `the_{name}`"
    return ""


def _value_problem(field: Field) -> str:
    problems = {"enum": _enum_problems, "ref": _ref_problems}.get(field.kind, _limit_problems)
    return next(
        (
            problem
            for check in (problems, _default_problems, _unique_problems, _index_problems)
            for problem in check(field)
        ),
        "",
    )


def _unique_problems(field: Field) -> Iterator[str]:
    if not field.is_unique:
        return
    if not KINDS[field.kind].new or field.default:
        yield "many rows have the same choice, reference or default: it cannot be unique"
    elif field.is_text:
        if field.longest < UNIQUE_WIDTH or field.longest > MAX_SHORT:
            yield f"a unique text has a maximum between {UNIQUE_WIDTH} and {MAX_SHORT} characters"
    elif field.maximum and Decimal(field.maximum) - Decimal(field.minimum or 0) < UNIQUE_ROOM:
        yield "its limits leave no room for many rows"


def _index_problems(field: Field) -> Iterator[str]:
    if not field.is_indexed:
        return
    if not KINDS[field.kind].has_index:
        yield "such a column has no index"
    elif field.is_text and field.longest > MAX_SHORT:
        yield f"a text with an index has a maximum of up to {MAX_SHORT} characters"


def _enum_problems(field: Field) -> Iterator[str]:
    if not field.choices or not all(map(_NAME.fullmatch, field.choices)):
        yield "an enum needs choices such as `enum(new|paid)`, in small letters"
    if len(set(field.choices)) < len(field.choices):
        yield "one of its choices comes twice"
    if any(len(choice) > MAX_CHOICE for choice in field.choices):
        yield f"a choice has up to {MAX_CHOICE} characters"
    if field.minimum or field.maximum or field.reserved:
        yield "an enum has choices, not limits"


def _ref_problems(field: Field) -> Iterator[str]:
    if not _NAME.fullmatch(field.target):
        yield "a reference names a router such as `ref(orders)`"
    if field.minimum or field.maximum or field.reserved:
        yield "a reference has no limits"


def _limit_problems(field: Field) -> Iterator[str]:
    limits = [limit for limit in (field.minimum, field.maximum) if limit]
    if field.choices:
        yield "only an enum has choices"
    if limits and KINDS[field.kind].limits is None:
        yield "only text and numbers have limits"
    if not all(map(_NUMBER.fullmatch, limits)):
        yield "a limit is a number"
    if field.kind not in ("decimal", "float") and any("." in limit for limit in limits):
        yield "its limits are whole numbers"
    if field.is_text and any(limit.startswith("-") for limit in limits):
        yield "a length is not negative"
    if field.is_text and field.maximum == "0":
        yield "a text without characters says nothing"
    if field.kind in ("email", "url") and (field.minimum or 0 < field.longest < ROOM):
        yield f"an address has a maximum only, of {ROOM} characters or more"
    if len(limits) == 2 and Decimal(limits[0]) > Decimal(limits[1]):
        yield "its minimum is above its maximum"
    if field.reserved and field.kind not in ("str", "text"):
        yield "only text has reserved words"


def _default_problems(field: Field) -> Iterator[str]:
    default, kind = field.default, KINDS[field.kind]
    if not default:
        return
    if not kind.default:
        yield "it cannot have a default"
    elif field.kind == "enum":
        if default not in field.choices:
            yield "its default is not one of its choices"
    elif not _is_value(field.kind, default):
        yield f"its default is not such a value, as `{kind.example}`"
    elif not _is_within(field, default):
        yield "its default is not within its limits"
    elif default.casefold() in field.reserved:
        yield "its default is reserved"


def _is_within(field: Field, default: str) -> bool:
    if field.is_text:
        return int(field.minimum or 0) <= len(default) <= field.longest
    if field.kind not in ("int", "float", "decimal"):
        return True
    least, greatest = field.minimum or default, field.maximum or default
    return Decimal(least) <= Decimal(default) <= Decimal(greatest)


def _is_moment(text: str) -> bool:
    return bool(_MOMENT.fullmatch(text)) and bool(datetime.fromisoformat(text))


_VALUES: Mapping[str, Callable[[str], object]] = {
    "int": lambda text: _NUMBER.fullmatch(text) and "." not in text,
    "float": _NUMBER.fullmatch,
    "decimal": _NUMBER.fullmatch,
    "bool": ("true", "false").__contains__,
    "date": lambda text: len(text) == len("2030-01-31") and date.fromisoformat(text),
    "datetime": _is_moment,
    "uuid": lambda text: str(UUID(text)) == text,
    "email": _EMAIL.fullmatch,
    "url": _URL.fullmatch,
}
"""What tells whether a text is a value; it may raise ValueError instead."""


def _is_value(kind: str, text: str) -> bool:
    with suppress(ValueError):
        return bool(_VALUES.get(kind, str.isprintable)(text))
    return False
