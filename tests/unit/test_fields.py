import keyword
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastgen.errors import BadInput
from fastgen.names import reserved
from fastgen.resources.fields.parser import normalized, parse
from fastgen.resources.fields.types import FIELD_TYPES


@pytest.mark.parametrize(
    ("specification", "create", "patch", "row"),
    [
        ("name:str", "ItemName", "ItemName | MISSING = MISSING", "str"),
        (
            "note:text:optional",
            "ItemNote | None = None",
            "ItemNote | MISSING | None = MISSING",
            "str | None",
        ),
        (
            "status:enum(new|paid):default=new",
            "ItemStatus = ItemStatus.NEW",
            "ItemStatus | MISSING = MISSING",
            "ItemStatus",
        ),
        (
            "price:decimal:default=1.5",
            'ItemPrice = Decimal("1.5")',
            "ItemPrice | MISSING = MISSING",
            "Decimal",
        ),
        (
            "unit_count:int:default=3",
            "ItemUnitCount = 3",
            "ItemUnitCount | MISSING = MISSING",
            "int",
        ),
    ],
)
def test_fields_become_python_and_rows(
    specification: str, create: str, patch: str, row: str
) -> None:
    field = parse(specification, "Item")

    assert (field.create, field.patch, field.row) == (create, patch, row)


@pytest.mark.parametrize(
    ("specification", "constrained"),
    [
        ("name:str", "Annotated[str, Field(max_length=200)]"),
        ("name:str:min=1:max=80", "Annotated[str, Field(min_length=1, max_length=80)]"),
        (
            "name:str:not=Admin|root",
            'Annotated[str, Field(max_length=200), none_of("admin", "root")]',
        ),
        ("count:int:min=-1", "Annotated[StrictInt, Field(ge=-1, le=2**63 - 1)]"),
        (
            "price:decimal:min=0",
            "Annotated[DecimalNumber, Field(ge=0, max_digits=12, decimal_places=2)]",
        ),
    ],
)
def test_constraints(specification: str, constrained: str) -> None:
    assert parse(specification, "Item").constrained == constrained


@pytest.mark.parametrize(
    ("specification", "samples"),
    [
        ("name:str", ('"one"', '"two"')),
        ("name:str:min=5", ('"oneon"', '"twotw"')),
        ("name:str:max=2", ('"on"', '"tw"')),
        ("name:str:min=21", ('"o" * 21', '"t" * 21')),
        ("name:str:min=1000:max=1000", ('"o" * 1_000', '"t" * 1_000')),
        ("name:str:not=one", ('"two"', '"aaa"')),
        ("name:str:not=ONE|Two", ('"aaa"', '"aab"')),
        ("name:str:max=1:not=o|a", ('"t"', '"b"')),
        ("name:str:default=two", ('"two"', '"one"')),
        ("count:int:min=10:max=11", ("10", "11")),
        ("count:int:max=1", ("1", "0")),
        ("count:int:min=7:max=7", ("7", "7")),
        ("count:int:default=2", ("2", "1")),
        ("count:int:min=5:max=9000:unique", ("5", "1005")),
        ("count:int:min=-1000:max=0:unique", ("0", "-1000")),
        ("share:float:min=0:max=1", ("1", "0.5")),
        ("share:float:min=5:max=5.01", ("5", "5.01")),
        ("price:decimal:min=10", ('"12.50"', '"10.00"')),
        ("price:decimal:max=5", ('"5.00"', '"4.50"')),
        ("price:decimal:min=0:max=5", ('"5.00"', '"4.50"')),
        ("status:enum(new|paid|old)", ('"new"', '"old"')),
        ("status:enum(new|old):default=old", ('"old"', '"new"')),
        ("open:bool:default=false", ("False", "True")),
    ],
)
def test_samples_are_within_the_limits(specification: str, samples: tuple[str, str]) -> None:
    assert parse(specification, "Item").in_tests.samples == samples


@pytest.mark.parametrize(
    ("specification", "values"),
    [
        ("name:str:min=1:max=80:not=root", ['""', '"x" * 81', r'"\x00"', '"Root"']),
        ("name:str:not=a|A|a", ['"x" * 201', r'"\x00"', '"A"']),
        ("note:text", ['"x" * 10_001', r'"\x00"']),
        ("price:decimal:min=0", ['"NaN"', "-1"]),
        ("count:int:max=5", ['"NaN"', "True", "-(2**63) - 1", "2**63", "6"]),
        ("status:enum(new|paid)", ['"nonsense"']),
    ],
)
def test_bad_values(specification: str, values: list[str]) -> None:
    assert list(parse(specification, "Item").in_tests.bad_values()) == values


@pytest.mark.parametrize(
    ("specification", "column", "limits"),
    [
        ("name:str", 'Column("name", short_text(200), nullable=False)', []),
        ("note:text:optional", 'Column("note", long_text())', []),
        (
            "code:str:max=20:unique",
            'Column("code", short_text(20), nullable=False, unique=True)',
            [],
        ),
        (
            "count:int:min=-1:max=5",
            'Column("count", BigInteger(), nullable=False)',
            ['at_least("count", BigInteger(), -1)', 'at_most("count", BigInteger(), 5)'],
        ),
        (
            "price:decimal:min=0.5",
            'Column("price", Exact(12, 2), nullable=False)',
            ['at_least("price", Exact(12, 2), "0.5")'],
        ),
    ],
)
def test_columns_and_limits(specification: str, column: str, limits: list[str]) -> None:
    field = parse(specification, "Item")

    assert (field.column_today, field.limits) == (column, limits)


def test_a_migration_does_not_change_with_the_model() -> None:
    field = parse("status:enum(new|paid)", "Item")

    assert field.column_arguments == ['Choice(ItemStatus, name="status")']
    column = 'Column("status", Choice("new", "paid", name="status"), nullable=False)'
    assert field.column_today == column


@pytest.mark.parametrize(
    ("specification", "arguments"),
    [
        ("name:str:max=80:unique", ["short_text(80)", "unique=True"]),
        ("total:decimal:optional:index", ["Exact(12, 2)", "index=True"]),
        ("order:ref(orders)", ['ForeignKey("orders.id")', "index=True"]),
    ],
)
def test_the_column_of_a_model(specification: str, arguments: list[str]) -> None:
    assert parse(specification, "Item").column_arguments == arguments


@pytest.mark.parametrize(
    ("specification", "sent"),
    [
        ("code:str:max=20", '"one"'),
        ("code:str:max=20:unique", 'f"{next(numbers):06}"'),
        ("code:str:min=9:unique", 'f"{next(numbers):09}"'),
        ("count:int:unique", "next(numbers)"),
        ("count:int:min=5:unique", "next(numbers) + 5"),
        ("price:decimal:min=0.5:unique", 'f"{next(numbers) + 1}.00"'),
    ],
)
def test_samples_sent_by_tests(specification: str, sent: str) -> None:
    assert parse(specification, "Item").in_tests.sent == sent


SUGGESTION = re.compile(r"Try `([^`]+)`\.")

RESERVED = [
    *sorted(reserved.PYDANTIC | reserved.SQLALCHEMY | reserved.SYSTEM_COLUMNS | reserved.FIELDS),
    *keyword.kwlist,
    "model_dump_more",
    "model_validate_more",
]


@pytest.mark.parametrize(
    "name",
    [
        *RESERVED,
        *"Name unitPrice unit-price _name name_ name__x 2name na.me größe n\u0430me".split(),
        "",
        "na me",
        "na\nme",
        "x" * 33,
        "X" * 300,
        "\u202ename",
    ],
)
@pytest.mark.parametrize("model", ["Item", "OrderLine", "I" * 32])
def test_an_impossible_name_gets_one_that_works(name: str, model: str) -> None:
    with pytest.raises(BadInput, match="is not a field") as failure:
        parse(f"{name}:str", model)

    assert failure.value.message.isprintable()
    assert failure.value.message.isascii()
    suggestion = SUGGESTION.fullmatch(failure.value.hint)
    assert suggestion is not None
    assert parse(f"{suggestion[1]}:str", model).name == suggestion[1]


@given(st.text(max_size=40))
def test_any_text_is_the_name_of_a_field_or_gets_one(text: str) -> None:
    try:
        parse(f"{text.replace(':', '')}:str", "Item")
    except BadInput as error:
        suggestion = SUGGESTION.fullmatch(error.hint)
        assert suggestion is not None
        parse(f"{suggestion[1]}:str", "Item")


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("a:enum(b,c)", "Write it as in `a:enum(new|paid)`."),
        ("a:str:max=0", "Write it as in `a:str:min=1:max=80`."),
        ("a:int:min=5:max=1", "Write it as in `a:int:min=0:max=5000`."),
        ("a:date:default=2020-99-01", "Write it as in `a:date:default=2030-01-31`."),
        ("a:date:min=2020-01-01", "Leave that out, or choose another type."),
        ("a:bool:unique", "Leave that out, or choose another type."),
        ("a:str:not=b:default=b", "Reserve fewer or shorter words, as in `not=admin|root`."),
    ],
)
def test_the_hint_fits_the_fault(field: str, hint: str) -> None:
    with pytest.raises(BadInput, match="is not a field") as failure:
        parse(field, "Item")

    assert failure.value.hint == hint


@pytest.mark.parametrize("name", ["owner", "owner_id"])
def test_a_reference_cannot_take_the_column_of_the_owner(name: str) -> None:
    with pytest.raises(BadInput, match="`owner_id` is reserved") as failure:
        parse(f"{name}:ref(people)", "Item")

    suggestion = SUGGESTION.fullmatch(failure.value.hint)
    assert suggestion is not None
    assert parse(f"{suggestion[1]}:ref(people)", "Item").name == suggestion[1]


@pytest.mark.parametrize("name", ["copies", "model_name", "model_year", "type", "name", "match"])
def test_names_that_only_look_reserved(name: str) -> None:
    assert parse(f"{name}:str", "Item").name == name


@pytest.mark.parametrize("name", ["create", "patch", "read", "query", "cursor_page", "service"])
def test_a_type_is_not_called_like_a_class_of_the_resource(name: str) -> None:
    title = parse(f"{name}:str", "Item").title

    assert title == f"{parse(f'{name}_value:str', 'Item').title}"


@pytest.mark.parametrize("target", ["order_lines", "order-lines"])
def test_a_target_may_have_hyphens(target: str) -> None:
    specification = f"line:ref({target}):optional"

    assert parse(specification, "Item").target == "order_lines"
    assert normalized(specification) == "line:ref(order_lines):optional"


def test_only_targets_are_normalized() -> None:
    specification = "label:str:default=a-b(c-d)"

    assert normalized(specification) == specification


@pytest.mark.parametrize(
    "specification",
    [
        "",
        "name",
        "name:",
        "name:nonsense",
        "Name:str",
        "na me:str",
        "_name:str",
        "name__x:str",
        "x" * 33 + ":str",
        "class:str",
        "id:int",
        "created_at:str",
        "owner_id:int",
        "sort:str",
        "name:str:nonsense",
        "name:str:optional=yes",
        "name:str:unique=",
        "name:str:min=",
        "name:str:max",
        "name:str:default=",
        "name:str:max=5:max=6",
        "name:str:optional:optional",
        "name:str:min=a",
        "name:str:min=-1",
        "name:str:min=1.5",
        "name:str:min=5:max=3",
        "name:str(a|b)",
        "price:decimal:not=a",
        "price:decimal:default=x",
        "status:enum",
        "status:enum()",
        "status:enum(A|b)",
        "status:enum(a b)",
        "status:enum(new|paid):default=old",
        "status:enum(new|paid):min=1",
        "status:enum(new|paid):unique",
        "code:str:default=a:unique",
        "code:str:max=5:unique",
        "code:text:unique",
        "count:int:min=1:max=1000:unique",
        "date:date",
        "list:str",
        "name:str:default=root:not=root",
        "name:str:max=3:default=long",
        "name:str:default=a\nb",
        "name:str:not=a\0b",
        "name:str:min=201",
        "name:text:max=10000001",
        f"name:str:not={'x' * 61}",
        "name:str:not=" + "\u6587" * 31,
        "name:str:max=1:not=" + "|".join("bcdefghijklmnopqrstuvwxyz"),
        "name:str:unique:not=000007",
        "name:str:max=0",
        "count:int:default=007",
        "count:int:default=1.5",
        "count:int:max=5:default=6",
        "open:bool:default=yes",
        "open:bool:unique",
        "open:bool:min=1",
        "day:date:default=2030-02-30",
        "day:date:default=20300131",
        "moment:datetime:default=2030-01-31",
        "moment:datetime:default=2030-01-31T25:00:00Z",
        "key:uuid:default=nonsense",
        "mail:email:default=nobody",
        "mail:email:max=20",
        "link:url:default=ftp://example.com",
        "link:url:unique",
        "link:url:index",
        "extra:json:default={}",
        "extra:json:index",
        "extra:json:unique",
        "status:enum(new|new)",
        "status:enum(" + "x" * 61 + "|b)",
        "order:ref",
        "order:ref(Orders)",
        "order:ref(orders):unique",
        "order:ref(orders):default=1",
        "order:ref(orders):min=1",
    ],
)
def test_invalid_specifications_are_refused(specification: str) -> None:
    with pytest.raises(BadInput, match="is not a field") as failure:
        parse(specification, "Item")

    assert failure.value.hint


@pytest.mark.parametrize("part", ["default", "not"])
def test_text_that_cannot_be_printed_is_named(part: str) -> None:
    with pytest.raises(BadInput, match="cannot be printed"):
        parse(f"name:str:{part}=a\x07", "Item")


@pytest.mark.parametrize(
    ("specification", "create", "column"),
    [
        ("ratio:float", "StrictFloat", 'Column("ratio", Double(), nullable=False)'),
        (
            "open:bool:default=true",
            "StrictBool = True",
            'Column("open", Boolean(), nullable=False)',
        ),
        ("day:date:optional:index", "Date | None = None", 'Column("day", Date(), index=True)'),
        (
            "moment:datetime:default=2030-01-31T12:00:00Z",
            'DateTime = datetime.fromisoformat("2030-01-31T12:00:00Z")',
            'Column("moment", Timestamp, nullable=False)',
        ),
        ("key:uuid:unique", "UUID", 'Column("key", Uuid(), nullable=False, unique=True)'),
        (
            "mail:email:unique:index",
            "ItemMail",
            'Column("mail", short_text(254), nullable=False, unique=True)',
        ),
        (
            "link:url:default=https://a.example:8/x",
            'ItemLink = "https://a.example:8/x"',
            'Column("link", long_text(), nullable=False)',
        ),
        (
            "extra:json:optional",
            "JsonObject | None = None",
            'Column("extra", JSON(none_as_null=True))',
        ),
        (
            "order:ref(orders)",
            "ItemOrderId",
            'Column("order_id", Id, ForeignKey("orders.id"), nullable=False, index=True)',
        ),
        ('name:str:default=it\'s "x"', "ItemName = 'it\\'s \"x\"'", None),
        ("name:str:optional:default=x", 'ItemName | None = "x"', None),
    ],
)
def test_each_type(specification: str, create: str, column: str | None) -> None:
    field = parse(specification, "Item")

    assert field.create == create
    assert column is None or field.column_today == column


@pytest.mark.parametrize("kind", [kind for kind in FIELD_TYPES if kind not in ("enum", "ref")])
def test_samples_are_two_and_none_is_bad(kind: str) -> None:
    field = parse(f"x:{kind}", "Item")

    first, second = field.in_tests.samples
    assert first != second
    assert not {first, second} & {*field.in_tests.bad_values()}


def test_a_reference_is_called_after_what_it_is() -> None:
    assert parse("order:ref(orders)", "Line").name == "order_id"
    assert parse("order_id:ref(orders)", "Line").name == "order_id"


@pytest.mark.parametrize(
    ("specification", "default"),
    [
        ("name:str:default=a:b:c", "a:b:c"),
        ("name:str:default=a:b:optional", "a:b"),
        ("name:str:default=12:30:max=5", "12:30"),
    ],
)
def test_a_default_may_have_colons(specification: str, default: str) -> None:
    assert parse(specification, "Item").default == default


@pytest.mark.parametrize(
    ("specification", "filters"),
    [
        ("name:str", []),
        ("note:text:optional", ["note_is_null: bool | None = None"]),
        ("open:bool", ["open: list[bool] = []"]),
        (
            "count:int",
            ["count_min: Int64 | None = None", "count_max: Int64 | None = None"],
        ),
        (
            "price:decimal",
            ["price_min: ItemPrice | None = None", "price_max: ItemPrice | None = None"],
        ),
        (
            "day:date:optional",
            [
                "day_min: Date | None = None",
                "day_max: Date | None = None",
                "day_is_null: bool | None = None",
            ],
        ),
    ],
)
def test_the_filters_of_a_list(specification: str, filters: list[str]) -> None:
    found = parse(specification, "Item").filters

    assert [f"{each.name}: {each.annotation}" for each in found] == filters


def test_the_samples_of_a_range_are_in_order() -> None:
    cases = list(parse("count:int:min=9:max=9", "Item").in_tests.filter_cases)

    assert cases == []  # both samples are 9
    assert list(parse("price:decimal", "Item").in_tests.filter_cases) == [
        ('"7.25"', '"12.50"', '{"price_min": "12.50"}'),
        ('"12.50"', '"7.25"', '{"price_max": "7.25"}'),
    ]
