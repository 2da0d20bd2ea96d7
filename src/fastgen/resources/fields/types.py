"""The types of fields, as data: each one's form in every layer, and the values that tests send."""

from collections.abc import Mapping
from dataclasses import dataclass

DIGITS, PLACES = 12, 2
"""Of a decimal number: all digits, and those after the point."""
MAX_SHORT = 500
"""Characters of the longest text that every database server can index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """A type of field. Sample values are Python literals of the JSON that a client sends."""

    python: str
    """The annotation in a row."""
    output: str = ""
    """The annotation in what is returned, if it is another one."""
    schema: str = ""
    """The annotation in a schema, if it is another one."""
    graphql: str = ""
    """The annotation in a GraphQL type, if it is another one."""
    bounds: tuple[str, str] | None = None
    """Pydantic's arguments for the least and the greatest value or length; none: no limits."""
    default_minimum: str = ""
    """The least value if the field names none."""
    default_maximum: str = ""
    """The greatest value or length if the field names none."""
    constraints: tuple[str, ...] = ()
    """Further arguments for pydantic's `Field`."""
    column: str = ""
    """The column type, for types where it is always the same."""
    samples: tuple[str, str]
    """Two different valid values."""
    invalid: tuple[str, ...] = ()
    """Values that are refused."""
    unique: str = ""
    """Makes a new value each time; a type without it cannot be unique.

    `{lowest}` stands for an offset, and `{limit}` for the number of digits.
    """
    default: str = ""
    """The default as Python, where `{}` is the text that was given; without it there is none."""
    example: str = ""
    """A default as it is typed."""
    is_text: bool = False
    """Whether the search of a list looks into it."""
    is_sortable: bool = False
    is_filter: bool = False
    """Whether a list can be filtered by its values."""
    bound: str = ""
    """The annotation of the least and the greatest value of a filter; none: its own in schemas."""
    is_range: bool = False
    """Whether a list can be filtered by a range of its values."""
    is_indexable: bool = True


_LENGTH = ("min_length", "max_length")
_RANGE = ("ge", "le")
_NUMBERS = '"NaN"'

FIELD_TYPES: Mapping[str, FieldType] = {
    "str": FieldType(
        python="str",
        bounds=_LENGTH,
        default_maximum="200",
        samples=('"one"', '"two"'),
        unique='f"{next(numbers):0{limit}}"',
        default="{}",
        is_text=True,
        is_sortable=True,
    ),
    "text": FieldType(
        python="str",
        bounds=_LENGTH,
        default_maximum="10_000",
        samples=('"one"', '"two"'),
        unique='f"{next(numbers):0{limit}}"',
        default="{}",
        is_text=True,
    ),
    "int": FieldType(
        python="int",
        graphql="Int64",
        schema="StrictInt",
        bounds=_RANGE,
        default_minimum="-(2**63)",
        default_maximum="2**63 - 1",
        column="BigInteger()",
        samples=("1", "2"),
        invalid=(_NUMBERS, "True", "-(2**63) - 1", "2**63"),
        unique="next(numbers){lowest}",
        default="{}",
        example="5",
        bound="Int64",
        is_range=True,
        is_sortable=True,
    ),
    "float": FieldType(
        python="float",
        schema="StrictFloat",
        bounds=_RANGE,
        column="Double()",
        samples=("1.5", "2.5"),
        invalid=(_NUMBERS, "True"),
        unique="next(numbers){lowest}",
        default="{}",
        example="0.5",
        bound="float",
        is_range=True,
        is_sortable=True,
    ),
    "decimal": FieldType(
        python="Decimal",
        output=f"Annotated[Decimal, with_places({PLACES})]",
        schema="DecimalNumber",
        bounds=_RANGE,
        constraints=(f"max_digits={DIGITS}", f"decimal_places={PLACES}"),
        column=f"Exact({DIGITS}, {PLACES})",
        samples=('"12.50"', '"7.25"'),
        invalid=(_NUMBERS,),
        unique='f"{next(numbers){lowest}}.00"',
        default='Decimal("{}")',
        example="9.90",
        is_range=True,
        is_sortable=True,
    ),
    "bool": FieldType(
        python="bool",
        schema="StrictBool",
        column="Boolean()",
        samples=("True", "False"),
        invalid=('"nonsense"', "1"),
        default="{}",
        example="true",
        is_filter=True,
    ),
    "date": FieldType(
        python="date",
        schema="Date",
        column="Date()",
        samples=('"2030-01-31"', '"2031-12-24"'),
        invalid=('"2030-02-30"', "0"),
        unique='f"{1000 + next(numbers)}-01-31"',
        default='date.fromisoformat("{}")',
        example="2030-01-31",
        is_range=True,
        is_sortable=True,
    ),
    "datetime": FieldType(
        python="datetime",
        schema="DateTime",
        column="Timestamp",
        samples=('"2030-01-31T12:00:00Z"', '"2031-12-24T18:30:00.250000Z"'),
        invalid=('"2030-01-31T12:00:00"', "0"),
        unique='f"{1000 + next(numbers)}-01-31T12:00:00Z"',
        default='datetime.fromisoformat("{}")',
        example="2030-01-31T12:00:00Z",
        is_range=True,
        is_sortable=True,
    ),
    "uuid": FieldType(
        python="UUID",
        column="Uuid()",
        samples=(
            '"00000000-0000-4000-8000-00000000000a"',
            '"00000000-0000-4000-8000-00000000000b"',
        ),
        invalid=('"nonsense"',),
        unique='f"00000000-0000-4000-8000-{next(numbers):012}"',
        default='UUID("{}")',
        example="00000000-0000-4000-8000-000000000000",
    ),
    "email": FieldType(
        python="str",
        schema="EmailStr",
        bounds=_LENGTH,
        default_maximum="254",
        samples=('"one@example.com"', '"two@example.com"'),
        invalid=('"nonsense"',),
        unique='f"user{next(numbers)}@example.com"',
        default="{}",
        example="somebody@example.com",
        is_text=True,
        is_sortable=True,
    ),
    "url": FieldType(
        python="str",
        schema="WebAddress",
        bounds=_LENGTH,
        default_maximum="2_000",
        samples=('"https://example.com/one"', '"https://example.com/two"'),
        invalid=('"nonsense"', '"ftp://example.com"'),
        unique='f"https://example.com/{next(numbers)}"',
        default="{}",
        example="https://example.com/",
        is_text=True,
    ),
    "json": FieldType(
        python="dict[str, Any]",
        graphql="JSON",
        schema="JsonObject",
        column="JSON(none_as_null=True)",
        samples=('{"one": 1}', '{"two": [2, None]}'),
        invalid=('"nonsense"', "[1]"),
        is_indexable=False,
    ),
    "enum": FieldType(
        python="StrEnum",
        samples=("", ""),
        invalid=('"nonsense"',),
        default="{}",
        is_filter=True,
    ),
    "ref": FieldType(
        python="int",
        graphql="ID",
        bounds=_RANGE,
        default_minimum="1",
        default_maximum="2**63 - 1",
        column="Id",
        samples=("1", "2"),
        invalid=("0", '"x"'),
        is_filter=True,
    ),
}
