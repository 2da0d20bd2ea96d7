"""The fields of a resource: what each becomes in each layer."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

MAX_TITLE = 58
"""A longer one would not leave a line room for the longest name of a field."""
DIGITS, PLACES = 12, 2
"""Of a decimal number, and how many of them are behind the point."""
MAX_SHORT = 500
"""The longest text that every server can have an index on."""
UNIQUE_WIDTH = 6
"""Digits of a text that the tests make, so that it is not there yet."""


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


def _quoted(text: str) -> str:
    return f'"{text}"'
