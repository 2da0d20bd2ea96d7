"""The values of a field that the tests of a project send."""

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from fastgen.rendering.quoting import python
from fastgen.resources.fields.samples import number_samples, text_literal, text_samples

if TYPE_CHECKING:
    from fastgen.resources.fields.model import Field

MAX_SEARCH = 100
"""Characters of the longest text that a list can be searched for."""
UNIQUE_WIDTH = 6
"""Digits of the unique texts that tests send."""


class FieldInTests:
    """The values that tests send and expect for a field, as literals."""

    def __init__(self, field: "Field") -> None:
        self._field = field

    @property
    def samples(self) -> tuple[str, str]:
        """Two valid values, different if the limits allow two, as literals.

        The second is not the default: it changes a row.
        """
        first, second = self._samples()
        return (
            (second, first) if self._field.default and self._is_default(second) else (first, second)
        )

    @property
    def sample_texts(self) -> list[str]:
        """The samples of a text, without quotes; fewer if the reserved words leave fewer."""
        texts = [sample.strip('"') for sample in self._field.field_type.samples]
        if self._field.type in ("str", "text"):
            texts = text_samples(
                texts, int(self._field.minimum or 0), self._field.max_length, self._field.reserved
            )
        return texts[::-1] if self._field.default in texts[1:] else texts

    @property
    def searched(self) -> str:
        """The search text for its second sample."""
        return text_literal(self.sample_texts[1][:MAX_SEARCH])

    @property
    def sent(self) -> str:
        """The value in the tests' factory; if the field is unique, another one each time."""
        if not self._field.is_unique:
            return self.samples[0]
        lowest = math.ceil(Decimal(self._field.minimum or 0))
        start = f" {'+' if lowest > 0 else '-'} {abs(lowest)}" if lowest else ""
        width = max(lowest, UNIQUE_WIDTH)
        return self._field.field_type.unique.replace("{lowest}", start).replace(
            "{limit}", str(width)
        )

    @property
    def filter_cases(self) -> Iterator[tuple[str, str, str]]:
        """Two values and a query, as literals: the query finds only the second value."""
        first, second = self.samples
        if first != second:
            if self._field.field_type.is_filter:
                yield first, second, f'{{"{self._field.name}": {second}}}'
            if self._field.field_type.is_range:
                lower, higher = sorted(self.samples, key=_sort_key)
                yield lower, higher, f'{{"{self._field.name}_min": {higher}}}'
                yield higher, lower, f'{{"{self._field.name}_max": {lower}}}'
        if self._field.is_optional:
            yield second, "None", f'{{"{self._field.name}_is_null": True}}'
            yield "None", second, f'{{"{self._field.name}_is_null": False}}'

    def bad_values(self) -> Iterator[str]:
        """Invalid values, as literals."""
        yield from self._field.field_type.invalid
        if self._field.type in ("str", "text"):
            if int(self._field.minimum or 0):
                yield '""'
            yield f'"x" * {self._field.max_length + 1:_}'
            yield r'"\x00"'
            yield from (python(word.title()) for word in self._field.reserved)
        elif not self._field.is_text:
            if self._field.minimum:
                yield str(Decimal(self._field.minimum) - 1)
            if self._field.maximum:
                yield str(Decimal(self._field.maximum) + 1)

    def _samples(self) -> tuple[str, str]:
        if self._field.choices:
            return python(self._field.choices[0]), python(self._field.choices[-1])
        if self._field.is_text:
            first, second = map(text_literal, self.sample_texts)
            return first, second
        if self._field.type not in ("int", "float", "decimal"):
            return self._field.field_type.samples
        one, other = number_samples(
            [Decimal(sample.strip('"')) for sample in self._field.field_type.samples],
            Decimal(self._field.minimum or "-Infinity"),
            Decimal(self._field.maximum or "Infinity"),
            is_whole=self._field.type == "int",
            is_unique=self._field.is_unique,
        )
        form = '"{:.2f}"' if self._field.type == "decimal" else "{}"
        return form.format(one), form.format(other)

    def _is_default(self, sample: str) -> bool:
        if self._field.type in ("int", "float", "decimal"):
            return Decimal(sample.strip('"')) == Decimal(self._field.default)
        return sample in (python(self._field.default), self._field.default.capitalize())


def _sort_key(sample: str) -> tuple[Decimal, str]:
    """Sorts samples of one type: numbers by their values, moments as text."""
    text = sample.strip('"')
    return (Decimal(text) if re.fullmatch(r"-?[0-9.]+", text) else Decimal(), text)
