"""The fields of a resource: what each becomes in each layer."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from fastgen.rendering.quoting import python
from fastgen.resources.fields.types import KINDS, MAX_SHORT, Kind

MAX_TITLE = 58
"""A longer one would not leave a line room for the longest name of a field."""
UNIQUE_WIDTH = 6
"""Digits of a text that the tests make, so that it is not there yet."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of the resource whose class is `model`."""

    model: str
    name: str
    kind: str
    choices: tuple[str, ...] = ()
    target: str = ""
    """The resource that it refers to, in the plural."""
    minimum: str = ""
    maximum: str = ""
    default: str = ""
    reserved: tuple[str, ...] = ()
    is_optional: bool = False
    is_unique: bool = False
    is_indexed: bool = False

    @cached_property
    def _kind(self) -> Kind:
        return KINDS[self.kind]

    @property
    def is_text(self) -> bool:
        return self._kind.is_text

    @property
    def is_sortable(self) -> bool:
        return self._kind.is_sortable and not self.is_optional

    @property
    def is_filter(self) -> bool:
        return self._kind.is_filter

    @property
    def longest(self) -> int:
        """Of a text: how many characters it may have."""
        return int(self.maximum or self._kind.largest)

    @property
    def title(self) -> str:
        """The name of its own type: an enumeration, or a type with constraints."""
        name = "".join(word.capitalize() for word in self.name.split("_"))
        long = len(self.model + name) > MAX_TITLE
        return f"{name}Value" if long else self.model + name

    @property
    def is_constrained(self) -> bool:
        """Whether its schema gives it a type with constraints."""
        return bool(self.reserved or next(self._constraints(), None))

    @property
    def python(self) -> str:
        """The Python type of a value."""
        return self.title if self.choices else self._kind.python

    @property
    def sent_as(self) -> str:
        """The type of what is sent, without constraints."""
        return self._kind.sent or self.python

    @property
    def row(self) -> str:
        """The annotation where values are known to be good."""
        return f"{self.python} | None" if self.is_optional else self.python

    @property
    def annotation(self) -> str:
        """The annotation of what is sent."""
        return self.title if self.choices or self.is_constrained else self.sent_as

    @property
    def create(self) -> str:
        """The annotation, and the default, of what creates."""
        value = self._default if self.default else "None"
        if self.is_optional:
            return f"{self.annotation} | None = {value}"
        return f"{self.annotation} = {value}" if self.default else self.annotation

    @property
    def patch(self) -> str:
        """The annotation of what changes; absent is not null."""
        nothing = " | None" if self.is_optional else ""
        return f"{self.annotation} | MISSING{nothing} = MISSING"

    @property
    def filtered(self) -> str:
        """The annotation of a filter: a query is text, which is never strictly a truth."""
        return self.python if self.kind == "bool" else self.annotation

    @property
    def constrained(self) -> str:
        """The Python type with its constraints."""
        parts = [self.sent_as]
        if constraints := ", ".join(self._constraints()):
            parts.append(f"Field({constraints})")
        if self.reserved:
            parts.append(f"none_of({', '.join(map(python, self.reserved))})")
        return f"Annotated[{', '.join(parts)}]"

    @property
    def column(self) -> str:
        """The column of its table."""
        return self._column(self.title)

    @property
    def column_today(self) -> str:
        """The same for a migration, which must not change with the model."""
        return self._column(", ".join(map(python, self.choices)))

    @property
    def limits(self) -> list[str]:
        """The constraints of its table that hold its limits."""
        if self.kind not in ("int", "float", "decimal"):
            return []
        quoted = python if self.kind == "decimal" else str
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
            return python(self.choices[0]), python(self.choices[-1])
        first, second = (self._fitted(sample) for sample in self._kind.samples)
        return first, second

    @property
    def sent(self) -> str:
        """What the factory of the tests sends: of a unique field, never the same twice."""
        if not self.is_unique:
            return self.samples[0]
        lowest = math.ceil(Decimal(self.minimum or 0))
        start = f" {'+' if lowest > 0 else '-'} {abs(lowest)}" if lowest else ""
        width = max(lowest, UNIQUE_WIDTH)
        return self._kind.new.replace("{lowest}", start).replace("{limit}", str(width))

    def bad_values(self) -> Iterator[str]:
        """Values that must be refused, as literals of what is sent."""
        yield from self._kind.bad
        if self.kind in ("str", "text"):
            if int(self.minimum or 0):
                yield '""'
            yield f'"x" * {self.longest + 1:_}'
            yield r'"\x00"'
            yield from (python(word.title()) for word in self.reserved)
        elif not self.is_text:
            if self.minimum:
                yield str(Decimal(self.minimum) - 1)
            if self.maximum:
                yield str(Decimal(self.maximum) + 1)

    def _constraints(self) -> Iterator[str]:
        if self._kind.limits is None:
            return
        least, greatest = self._kind.limits
        minimum = "1" if self.target else self.minimum
        if minimum:
            yield f"{least}={minimum}"
        if largest := self.maximum or self._kind.largest:
            yield f"{greatest}={largest}"
        yield from self._kind.always

    def _column(self, choices: str) -> str:
        parts = [f'"{self.name}"', self._column_type(choices)]
        parts += [f'ForeignKey("{self.target}.id")'] if self.target else []
        parts += [] if self.is_optional else ["nullable=False"]
        parts += ["unique=True"] if self.is_unique else []
        parts += ["index=True"] if self.is_indexed and not self.is_unique else []
        return f"Column({', '.join(parts)})"

    def _column_type(self, choices: str) -> str:
        if self.kind == "enum":
            return f'choice("{self.name}", {choices})'
        if not self.is_text:
            return self._kind.column
        return f"short_text({self.longest})" if self.longest <= MAX_SHORT else "long_text()"

    @property
    def _default(self) -> str:
        match self.kind:
            case "enum":
                return f"{self.title}.{self.default.upper()}"
            case "bool":
                return self.default.capitalize()
            case "str" | "text" | "email" | "url":
                return python(self.default)
        return self._kind.default.format(self.default)

    def _fitted(self, sample: str) -> str:
        """The sample, or the nearest value within the limits."""
        if self.kind in ("str", "text"):
            text = sample.strip('"')
            shortest, longest = int(self.minimum or 0), int(self.maximum or 200)
            return python((text * (shortest // len(text) + 1))[: max(shortest, min(3, longest))])
        if self.kind not in ("int", "float", "decimal"):
            return sample
        value = Decimal(sample.strip('"'))
        value = max(value, Decimal(self.minimum)) if self.minimum else value
        value = min(value, Decimal(self.maximum)) if self.maximum else value
        return f'"{value:.2f}"' if self.kind == "decimal" else str(value)
