"""The types that a field can have, as data: what each is in every layer, and what tests send."""

from collections.abc import Mapping
from dataclasses import dataclass

DIGITS, PLACES = 12, 2
"""Of a decimal number, and how many of them are behind the point."""
MAX_SHORT = 500
"""The longest text that every server can have an index on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of field. `{limit}` and `{lowest}` in its texts are those of the field."""

    python: str
    """Its type in a row."""
    sent: str = ""
    """Its type in a schema, if that is another one."""
    limits: tuple[str, str] | None = None
    """What pydantic calls its least and its greatest value, or length."""
    largest: str = ""
    """The greatest when a specification names none."""
    always: tuple[str, ...] = ()
    column: str = ""
    """The type of its column."""
    samples: tuple[str, str]
    """Two values, as literals of what is sent."""
    bad: tuple[str, ...] = ()
    """Values that are refused."""
    new: str = ""
    """A value that is not there yet; a kind without it cannot be unique."""
    default: str = ""
    """A default in Python, from `{}` as it was given; a kind without it has none."""
    example: str = ""
    """What a default looks like."""
    is_text: bool = False
    """Whether a search looks into it."""
    is_sortable: bool = False
    is_filter: bool = False
    """Whether a list can be narrowed to some of its values."""
    has_index: bool = True
    """Whether its column can have an index."""


_LENGTH = ("min_length", "max_length")
_RANGE = ("ge", "le")
_NUMBERS = '"NaN"'

KINDS: Mapping[str, Kind] = {
    "str": Kind(
        python="str",
        limits=_LENGTH,
        largest="200",
        samples=('"one"', '"two"'),
        new='f"{next(numbers):0{limit}}"',
        default="{}",
        is_text=True,
        is_sortable=True,
    ),
    "text": Kind(
        python="str",
        limits=_LENGTH,
        largest="10_000",
        samples=('"one"', '"two"'),
        new='f"{next(numbers):0{limit}}"',
        default="{}",
        is_text=True,
    ),
    "int": Kind(
        python="int",
        sent="StrictInt",
        limits=_RANGE,
        largest="2**63 - 1",
        column="BigInteger()",
        samples=("1", "2"),
        bad=(_NUMBERS, "True"),
        new="next(numbers){lowest}",
        default="{}",
        example="5",
        is_sortable=True,
    ),
    "float": Kind(
        python="float",
        sent="StrictFloat",
        limits=_RANGE,
        column="Double()",
        samples=("1.5", "2.5"),
        bad=(_NUMBERS, "True"),
        new="next(numbers){lowest}",
        default="{}",
        example="0.5",
        is_sortable=True,
    ),
    "decimal": Kind(
        python="Decimal",
        sent="Amount",
        limits=_RANGE,
        always=(f"max_digits={DIGITS}", f"decimal_places={PLACES}"),
        column=f"Exact({DIGITS}, {PLACES})",
        samples=('"12.50"', '"7.25"'),
        bad=(_NUMBERS,),
        new='f"{next(numbers){lowest}}.00"',
        default='Decimal("{}")',
        example="9.90",
        is_sortable=True,
    ),
    "bool": Kind(
        python="bool",
        sent="StrictBool",
        column="Boolean()",
        samples=("True", "False"),
        bad=('"nonsense"', "1"),
        default="{}",
        example="true",
        is_filter=True,
    ),
    "date": Kind(
        python="date",
        sent="Date",
        column="Date()",
        samples=('"2030-01-31"', '"2031-12-24"'),
        bad=('"2030-02-30"', "0"),
        new='f"{1000 + next(numbers)}-01-31"',
        default='date.fromisoformat("{}")',
        example="2030-01-31",
        is_sortable=True,
    ),
    "datetime": Kind(
        python="datetime",
        sent="DateTime",
        column="Timestamp",
        samples=('"2030-01-31T12:00:00Z"', '"2031-12-24T18:30:00.250000Z"'),
        bad=('"2030-01-31T12:00:00"', "0"),
        new='f"{1000 + next(numbers)}-01-31T12:00:00Z"',
        default='datetime.fromisoformat("{}")',
        example="2030-01-31T12:00:00Z",
        is_sortable=True,
    ),
    "uuid": Kind(
        python="UUID",
        column="Uuid()",
        samples=(
            '"00000000-0000-4000-8000-00000000000a"',
            '"00000000-0000-4000-8000-00000000000b"',
        ),
        bad=('"nonsense"',),
        new='f"00000000-0000-4000-8000-{next(numbers):012}"',
        default='UUID("{}")',
        example="00000000-0000-4000-8000-000000000000",
    ),
    "email": Kind(
        python="str",
        sent="EmailStr",
        limits=_LENGTH,
        largest="254",
        samples=('"one@example.com"', '"two@example.com"'),
        bad=('"nonsense"',),
        new='f"user{next(numbers)}@example.com"',
        default="{}",
        example="somebody@example.com",
        is_text=True,
        is_sortable=True,
    ),
    "url": Kind(
        python="str",
        sent="WebAddress",
        limits=_LENGTH,
        largest="2_000",
        samples=('"https://example.com/one"', '"https://example.com/two"'),
        bad=('"nonsense"', '"ftp://example.com"'),
        new='f"https://example.com/{next(numbers)}"',
        default="{}",
        example="https://example.com/",
        is_text=True,
    ),
    "json": Kind(
        python="dict[str, Any]",
        sent="JsonObject",
        column="JSON(none_as_null=True)",
        samples=('{"one": 1}', '{"two": [2, None]}'),
        bad=('"nonsense"', "[1]"),
        has_index=False,
    ),
    "enum": Kind(
        python="StrEnum",
        samples=("", ""),
        bad=('"nonsense"',),
        default="{}",
        is_filter=True,
    ),
    "ref": Kind(
        python="int",
        limits=_RANGE,
        largest="2**63 - 1",
        column="Id",
        samples=("1", "2"),
        bad=("0", '"x"'),
        is_filter=True,
    ),
}
