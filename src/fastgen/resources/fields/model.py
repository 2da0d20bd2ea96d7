"""A field of a resource, with the code that stands for it in each layer."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from fastgen.names.resource_names import class_name
from fastgen.rendering.quoting import python
from fastgen.resources.fields.samples import number_samples, text_literal, text_samples
from fastgen.resources.fields.types import FIELD_TYPES, MAX_SHORT, FieldType

MAX_TITLE = 58
"""Characters of a type's name: longer ones do not fit on a line with the longest field name."""
MAX_SEARCH = 100
"""Characters of the longest text that a list can be searched for."""
UNIQUE_WIDTH = 6
"""Digits of the unique texts that tests send."""
_CLASSES = frozenset(
    "Create CursorPage CursorQuery Filter Id Page Patch Query Read Reads Repository Service Sort "
    "Writes".split()
)
"""The classes and aliases of a resource, without the name of its model in front."""


class Filter(NamedTuple):
    """A query parameter of a list that chooses rows by a field."""

    name: str
    field: str
    operator: str
    """That of `Filter` in the project's `app/core/query.py`."""
    annotation: str
    graphql: str
    """The annotation in a GraphQL input."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field, as its specification says."""

    model: str
    """The class of the resource."""
    name: str
    type: str
    """A key of `FIELD_TYPES`."""
    choices: tuple[str, ...] = ()
    target: str = ""
    """The plural of the resource that a reference points to."""
    minimum: str = ""
    maximum: str = ""
    default: str = ""
    """As it was typed."""
    reserved: tuple[str, ...] = ()
    is_optional: bool = False
    is_unique: bool = False
    is_indexed: bool = False

    @cached_property
    def _type(self) -> FieldType:
        return FIELD_TYPES[self.type]

    @property
    def is_text(self) -> bool:
        return self._type.is_text

    @property
    def is_sortable(self) -> bool:
        return self._type.is_sortable and not self.is_optional

    @property
    def filters(self) -> "Iterator[Filter]":
        """The query parameters of a list that choose rows by the field."""
        if self._type.is_filter:
            # A strict bool would refuse the text of a query.
            each = self.python if self.type == "bool" else self.annotation
            among = f"list[{self.graphql}]"
            yield Filter(self.name, self.name, "in", f"list[{each}] = []", among)
        if self._type.is_range:
            bound = f"{self._type.bound or self.annotation} | None = None"
            yield Filter(f"{self.name}_min", self.name, "ge", bound, self.graphql)
            yield Filter(f"{self.name}_max", self.name, "le", bound, self.graphql)
        if self.is_optional:
            name, annotation = f"{self.name}_is_null", "bool | None = None"
            yield Filter(name, self.name, "is_null", annotation, "bool")

    @property
    def max_length(self) -> int:
        """Characters of the longest text that is valid."""
        return int(self.maximum or self._type.default_maximum)

    @property
    def title(self) -> str:
        """The name of its enumeration, or of its type with constraints."""
        name = class_name(self.name)
        if len(self.model + name) > MAX_TITLE:
            return f"{name}Value"
        return f"{self.model}{name}Value" if name in _CLASSES else self.model + name

    @property
    def is_constrained(self) -> bool:
        """Whether the schemas define a type for it."""
        return bool(self.reserved or next(self._constraints(), None))

    @property
    def python(self) -> str:
        """The annotation of a value in Python."""
        return self.title if self.choices else self._type.python

    @property
    def schema_type(self) -> str:
        """The annotation in schemas, without constraints."""
        return self._type.schema or self.python

    @property
    def graphql(self) -> str:
        """The annotation in GraphQL types and inputs, without null."""
        return self.title if self.choices else self._type.graphql or self.python

    @property
    def row(self) -> str:
        """The annotation in rows."""
        return f"{self.python} | None" if self.is_optional else self.python

    @property
    def output(self) -> str:
        """The annotation in what is returned."""
        output = self._type.output or self.python
        return f"{output} | None" if self.is_optional else output

    @property
    def annotation(self) -> str:
        """The annotation in schemas, with constraints."""
        return self.title if self.choices or self.is_constrained else self.schema_type

    @property
    def create(self) -> str:
        """Annotation and default in the schema of POST and PUT."""
        value = self._default if self.default else "None"
        if self.is_optional:
            return f"{self.annotation} | None = {value}"
        return f"{self.annotation} = {value}" if self.default else self.annotation

    @property
    def patch(self) -> str:
        """Annotation and default in the schema of PATCH, where absent differs from null."""
        nothing = " | None" if self.is_optional else ""
        return f"{self.annotation} | MISSING{nothing} = MISSING"

    @property
    def constrained(self) -> str:
        """The definition of its type: `Annotated[str, Field(max_length=80)]`."""
        parts = [self.schema_type]
        if constraints := ", ".join(self._constraints()):
            parts.append(f"Field({constraints})")
        if self.reserved:
            parts.append(f"none_of({', '.join(map(python, self.reserved))})")
        return f"Annotated[{', '.join(parts)}]"

    @property
    def column_arguments(self) -> list[str]:
        """The arguments of `mapped_column` in the model; the annotation says what may be null."""
        return [*self._column_types(self.title), *self._column_options()]

    @property
    def column_today(self) -> str:
        """The column in a migration, which must not change when the model does."""
        parts = [f'"{self.name}"', *self._column_types(", ".join(map(python, self.choices)))]
        if self.target:  # its type in the other table may not be known to the migration
            parts.insert(1, self._type.column)
        if not self.is_optional:
            parts.append("nullable=False")
        return f"Column({', '.join([*parts, *self._column_options()])})"

    @property
    def relationship_name(self) -> str:
        """The attribute for the row that a reference points to."""
        return self.name.removesuffix("_id")

    @property
    def limits(self) -> list[str]:
        """The check constraints for its minimum and its maximum."""
        if self.type not in ("int", "float", "decimal"):
            return []
        quoted = python if self.type == "decimal" else str
        return [
            f'{function}("{self.name}", {self._column_type("")}, {quoted(limit)})'
            for function, limit in (("at_least", self.minimum), ("at_most", self.maximum))
            if limit
        ]

    @property
    def is_sent(self) -> bool:
        """Whether POST and PUT require it."""
        return not self.is_optional and not self.default

    @property
    def samples(self) -> tuple[str, str]:
        """Two valid values, different if the limits allow two, as literals.

        The second is not the default: it changes a row.
        """
        first, second = self._samples()
        return (second, first) if self.default and self._is_default(second) else (first, second)

    @property
    def sample_texts(self) -> list[str]:
        """The samples of a text, without quotes; fewer if the reserved words leave fewer."""
        texts = [sample.strip('"') for sample in self._type.samples]
        if self.type in ("str", "text"):
            texts = text_samples(texts, int(self.minimum or 0), self.max_length, self.reserved)
        return texts[::-1] if self.default in texts[1:] else texts

    @property
    def searched(self) -> str:
        """What a search for its second sample sends."""
        return text_literal(self.sample_texts[1][:MAX_SEARCH])

    @property
    def sent(self) -> str:
        """The value in the tests' factory; if the field is unique, another one each time."""
        if not self.is_unique:
            return self.samples[0]
        lowest = math.ceil(Decimal(self.minimum or 0))
        start = f" {'+' if lowest > 0 else '-'} {abs(lowest)}" if lowest else ""
        width = max(lowest, UNIQUE_WIDTH)
        return self._type.unique.replace("{lowest}", start).replace("{limit}", str(width))

    @property
    def filter_cases(self) -> Iterator[tuple[str, str, str]]:
        """Two values and a query, as literals: the query finds only the second value."""
        first, second = self.samples
        if first != second:
            if self._type.is_filter:
                yield first, second, f'{{"{self.name}": {second}}}'
            if self._type.is_range:
                lower, higher = sorted(self.samples, key=_sort_key)
                yield lower, higher, f'{{"{self.name}_min": {higher}}}'
                yield higher, lower, f'{{"{self.name}_max": {lower}}}'
        if self.is_optional:
            yield second, "None", f'{{"{self.name}_is_null": True}}'
            yield "None", second, f'{{"{self.name}_is_null": False}}'

    def bad_values(self) -> Iterator[str]:
        """Invalid values, as literals."""
        yield from self._type.invalid
        if self.type in ("str", "text"):
            if int(self.minimum or 0):
                yield '""'
            yield f'"x" * {self.max_length + 1:_}'
            yield r'"\x00"'
            yield from (python(word.title()) for word in self.reserved)
        elif not self.is_text:
            if self.minimum:
                yield str(Decimal(self.minimum) - 1)
            if self.maximum:
                yield str(Decimal(self.maximum) + 1)

    def _constraints(self) -> Iterator[str]:
        if self._type.bounds is None:
            return
        least, greatest = self._type.bounds
        if smallest := self.minimum or self._type.default_minimum:
            yield f"{least}={smallest}"
        if largest := self.maximum or self._type.default_maximum:
            yield f"{greatest}={largest}"
        yield from self._type.constraints

    def _column_types(self, choices: str) -> list[str]:
        return [f'ForeignKey("{self.target}.id")'] if self.target else [self._column_type(choices)]

    def _column_options(self) -> list[str]:
        if self.is_unique:
            return ["unique=True"]
        return ["index=True"] if self.is_indexed else []

    def _column_type(self, choices: str) -> str:
        if self.type == "enum":
            return f'Choice({choices}, name="{self.name}")'
        if not self.is_text:
            return self._type.column
        return f"short_text({self.max_length})" if self.max_length <= MAX_SHORT else "long_text()"

    @property
    def row_default(self) -> str:
        """The default as the value of a column, in a migration."""
        return python(self.default) if self.choices else self._default

    @property
    def _default(self) -> str:
        match self.type:
            case "enum":
                return f"{self.title}.{self.default.upper()}"
            case "bool":
                return self.default.capitalize()
            case "str" | "text" | "email" | "url":
                return python(self.default)
        return self._type.default.format(self.default)

    def _samples(self) -> tuple[str, str]:
        if self.choices:
            return python(self.choices[0]), python(self.choices[-1])
        if self.is_text:
            first, second = map(text_literal, self.sample_texts)
            return first, second
        if self.type not in ("int", "float", "decimal"):
            return self._type.samples
        one, other = number_samples(
            [Decimal(sample.strip('"')) for sample in self._type.samples],
            Decimal(self.minimum or "-Infinity"),
            Decimal(self.maximum or "Infinity"),
            is_whole=self.type == "int",
            is_unique=self.is_unique,
        )
        form = '"{:.2f}"' if self.type == "decimal" else "{}"
        return form.format(one), form.format(other)

    def _is_default(self, sample: str) -> bool:
        if self.type in ("int", "float", "decimal"):
            return Decimal(sample.strip('"')) == Decimal(self.default)
        return sample in (python(self.default), self.default.capitalize())


def _sort_key(sample: str) -> tuple[Decimal, str]:
    """Sorts samples of one type: numbers by their values, moments as text."""
    text = sample.strip('"')
    return (Decimal(text) if re.fullmatch(r"-?[0-9.]+", text) else Decimal(), text)
