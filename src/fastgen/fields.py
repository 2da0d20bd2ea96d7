"""The fields of a resource: what a specification says, and what it becomes in each layer.

A specification is `name:type[:modifier...]`, such as `price:decimal:min=0`, or
`status:enum(new|paid)`.
"""

import keyword
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from fastgen.errors import BadInput

MAX_NAME = 32
MAX_TITLE = 58
"""A longer one would not leave a line room for the longest name of a field."""

DIGITS, PLACES = 12, 2
"""Of a decimal number, and how many of them are behind the point."""
MAX_SHORT = 500
"""The longest text that every server can have an index on."""
UNIQUE_WIDTH = 6
UNIQUE_ROOM = 1000
"""What the tests need, to make values that are not there yet."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TYPE = re.compile(r"([a-z]+)(?:\(([^()]*)\))?")
_NUMBER = re.compile(r"-?[0-9]{1,10}(?:\.[0-9]{1,2})?")
_TAKEN = frozenset(
    "created_at created_before created_from cursor filters id l model_config owner_id page q size "
    "sort to_query updated_at version".split()
)
"""What every resource, or its list, has already; and what looks like a digit."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of field: its Python type, its constraints, and values for the tests."""

    python: str
    minimum: str = "ge"
    maximum: str = "le"
    largest: str = ""
    """The maximum when a specification names none."""
    always: tuple[str, ...] = ()
    samples: tuple[str, str] = ("", "")
    """Two values, as literals of what is sent."""


KINDS: Mapping[str, Kind] = {
    "str": Kind("str", "min_length", "max_length", "200", samples=('"one"', '"two"')),
    "text": Kind("str", "min_length", "max_length", "10_000", samples=('"one"', '"two"')),
    "int": Kind("int", largest="2**63 - 1", samples=("1", "2")),
    "decimal": Kind(
        "Decimal",
        always=(f"max_digits={DIGITS}", f"decimal_places={PLACES}"),
        samples=('"12.50"', '"7.25"'),
    ),
    "enum": Kind("StrEnum"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the resource whose class is `model`."""

    model: str
    name: str
    kind: str
    choices: tuple[str, ...] = ()
    minimum: str = ""
    maximum: str = ""
    default: str = ""
    reserved: tuple[str, ...] = ()
    is_optional: bool = False
    is_unique: bool = False

    @property
    def is_text(self) -> bool:
        return KINDS[self.kind].python == "str"

    @property
    def is_sortable(self) -> bool:
        return self.kind in ("str", "int", "decimal") and not self.is_optional

    @property
    def title(self) -> str:
        """The name of its type: an enumeration, or the Python type with its constraints."""
        name = "".join(word.capitalize() for word in self.name.split("_"))
        long = len(self.model + name) > MAX_TITLE
        return f"{name}Value" if long else self.model + name

    @property
    def python(self) -> str:
        """The Python type of a value."""
        return self.title if self.choices else KINDS[self.kind].python

    @property
    def row(self) -> str:
        """The annotation where values are known to be good."""
        return f"{self.python} | None" if self.is_optional else self.python

    @property
    def create(self) -> str:
        """The annotation, and the default, of what creates."""
        if self.is_optional:
            return f"{self.title} | None = None"
        return f"{self.title} = {self._default}" if self.default else self.title

    @property
    def patch(self) -> str:
        """The annotation of what changes; absent is not null."""
        nothing = " | None" if self.is_optional else ""
        return f"{self.title} | MISSING{nothing} = MISSING"

    @property
    def constrained(self) -> str:
        """The Python type with its constraints."""
        parts = [self.python, f"Field({', '.join(self._constraints())})"]
        if self.reserved:
            parts.append(f"none_of({', '.join(map(_quoted, self.reserved))})")
        return f"Annotated[{', '.join(parts)}]"

    @property
    def column(self) -> str:
        """The column of its table."""
        return self._column(self.title)

    @property
    def column_today(self) -> str:
        """The same for a migration, which must not change with the model."""
        return self._column(", ".join(map(_quoted, self.choices)))

    @property
    def limits(self) -> list[str]:
        """The constraints of its table that hold its limits."""
        if self.kind not in ("int", "decimal"):
            return []
        quoted = _quoted if self.kind == "decimal" else str
        return [
            f'{function}("{self.name}", {self._column_type("")}, {quoted(limit)})'
            for function, limit in (("at_least", self.minimum), ("at_most", self.maximum))
            if limit
        ]

    @property
    def is_sent(self) -> bool:
        """Whether what creates has to have it."""
        return not self.is_optional and not self.default

    @property
    def samples(self) -> tuple[str, str]:
        """Two good values, different where the limits allow it, as literals of what is sent."""
        if self.choices:
            return _quoted(self.choices[0]), _quoted(self.choices[-1])
        first, second = (self._fitted(sample) for sample in KINDS[self.kind].samples)
        return first, second

    @property
    def sent(self) -> str:
        """What the factory of the tests sends: of a unique field, never the same twice."""
        if not self.is_unique:
            return self.samples[0]
        if self.is_text:
            return f'f"{{next(numbers):0{max(int(self.minimum or 0), UNIQUE_WIDTH)}}}"'
        lowest = math.ceil(Decimal(self.minimum or 0))
        start = f" {'+' if lowest > 0 else '-'} {abs(lowest)}" if lowest else ""
        number = f"next(numbers){start}"
        return f'f"{{{number}}}.00"' if self.kind == "decimal" else number

    def bad_values(self) -> Iterator[str]:
        """Values that must be refused, as literals of what is sent."""
        if self.choices:
            yield '"nonsense"'
        elif self.is_text:
            if int(self.minimum or 0):
                yield '""'
            yield f'"x" * {int(self.maximum or KINDS[self.kind].largest) + 1:_}'
            yield r'"\x00"'
            yield from (_quoted(word.title()) for word in self.reserved)
        else:
            yield '"NaN"'
            if self.minimum:
                yield str(Decimal(self.minimum) - 1)
            if self.maximum:
                yield str(Decimal(self.maximum) + 1)

    def _constraints(self) -> Iterator[str]:
        kind = KINDS[self.kind]
        if self.minimum:
            yield f"{kind.minimum}={self.minimum}"
        if largest := self.maximum or kind.largest:
            yield f"{kind.maximum}={largest}"
        yield from kind.always

    def _column(self, choices: str) -> str:
        parts = [f'"{self.name}"', self._column_type(choices)]
        parts += [] if self.is_optional else ["nullable=False"]
        parts += ["unique=True"] if self.is_unique else []
        return f"Column({', '.join(parts)})"

    def _column_type(self, choices: str) -> str:
        match self.kind:
            case "enum":
                return f'choice("{self.name}", {choices})'
            case "decimal":
                return f"Exact({DIGITS}, {PLACES})"
            case "int":
                return "BigInteger()"
        length = int(self.maximum or KINDS[self.kind].largest)
        return f"short_text({length})" if length <= MAX_SHORT else "long_text()"

    @property
    def _default(self) -> str:
        if self.choices:
            return f"{self.title}.{self.default.upper()}"
        if self.kind == "decimal":
            return f'Decimal("{self.default}")'
        return _quoted(self.default) if self.is_text else self.default

    def _fitted(self, sample: str) -> str:
        """The sample, or the nearest value within the limits."""
        if self.is_text:
            text = sample.strip('"')
            shortest, longest = int(self.minimum or 0), int(self.maximum or 200)
            return _quoted((text * (shortest // len(text) + 1))[: max(shortest, min(3, longest))])
        value = Decimal(sample.strip('"'))
        value = max(value, Decimal(self.minimum)) if self.minimum else value
        value = min(value, Decimal(self.maximum)) if self.maximum else value
        return f'"{value:.2f}"' if self.kind == "decimal" else str(value)


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


def _quoted(text: str) -> str:
    return f'"{text}"'
