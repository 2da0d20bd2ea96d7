"""A field of a resource, with the code that stands for it in each layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from fastgen.names.resource_names import class_name
from fastgen.rendering.quoting import python
from fastgen.resources.fields.field_in_tests import FieldInTests
from fastgen.resources.fields.types import FIELD_TYPES, MAX_SHORT, FieldType

MAX_TITLE = 58
"""Characters of a type's name: longer ones do not fit on a line with the longest field name."""
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
    def field_type(self) -> FieldType:
        return FIELD_TYPES[self.type]

    @cached_property
    def in_tests(self) -> FieldInTests:
        return FieldInTests(self)

    @property
    def is_text(self) -> bool:
        return self.field_type.is_text

    @property
    def is_sortable(self) -> bool:
        return self.field_type.is_sortable and not self.is_optional

    @property
    def filters(self) -> "Iterator[Filter]":
        """The query parameters of a list that choose rows by the field."""
        if self.field_type.is_filter:
            # A strict bool would refuse the text of a query.
            each = self.python if self.type == "bool" else self.annotation
            among = f"list[{self.graphql}]"
            yield Filter(self.name, self.name, "in", f"list[{each}] = []", among)
        if self.field_type.is_range:
            bound = f"{self.field_type.bound or self.annotation} | None = None"
            yield Filter(f"{self.name}_min", self.name, "ge", bound, self.graphql)
            yield Filter(f"{self.name}_max", self.name, "le", bound, self.graphql)
        if self.is_optional:
            name, annotation = f"{self.name}_is_null", "bool | None = None"
            yield Filter(name, self.name, "is_null", annotation, "bool")

    @property
    def max_length(self) -> int:
        """Characters of the longest text that is valid."""
        return int(self.maximum or self.field_type.default_maximum)

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
        return self.title if self.choices else self.field_type.python

    @property
    def schema_type(self) -> str:
        """The annotation in schemas, without constraints."""
        return self.field_type.schema or self.python

    @property
    def graphql(self) -> str:
        """The annotation in GraphQL types and inputs, without null."""
        return self.title if self.choices else self.field_type.graphql or self.python

    @property
    def row(self) -> str:
        """The annotation in rows."""
        return f"{self.python} | None" if self.is_optional else self.python

    @property
    def output(self) -> str:
        """The annotation in what is returned."""
        output = self.field_type.output or self.python
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
            parts.insert(1, self.field_type.column)
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

    def _constraints(self) -> Iterator[str]:
        if self.field_type.bounds is None:
            return
        least, greatest = self.field_type.bounds
        if smallest := self.minimum or self.field_type.default_minimum:
            yield f"{least}={smallest}"
        if largest := self.maximum or self.field_type.default_maximum:
            yield f"{greatest}={largest}"
        yield from self.field_type.constraints

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
            return self.field_type.column
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
        return self.field_type.default.format(self.default)
