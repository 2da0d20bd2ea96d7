"""Resources that a project may get by `fastgen add router`, of every kind and any name."""

from collections.abc import Iterable

from fastgen.project.operations import Operation

EVERY_KIND = (
    "code:str:min=3:max=20:unique",
    "note:text:optional",
    "amount:int:min=5:max=90000:unique",
    "extent:int:optional:min=-3:max=100",
    "worth:decimal:min=0.5:unique",
    "kind:enum(a|b):default=a",
    # The longest names that a table and its constraints can have, and words of SQL.
    f"{'x' * 32}:decimal:min=-1.5",
    "order:str",
    "limit:int:min=1",
    "ratio:float:min=0.5:max=99.5:index",
    "share:float:unique",
    "is_open:bool:default=true",
    "day:date:unique",
    "moment:datetime:unique",
    "until:datetime:optional:index",
    "key:uuid:unique",
    "address:email:unique",
    "link:url:max=300:unique",
    "page_url:url:optional",
    "extra:json",
    "more:json:optional",
    f"{'z' * 29}:str:max=300:index",
    "item:ref(items)",
)
NARROW = (
    "share:float:min=0:max=1",
    "price:decimal:max=5",
    "count:int:min=5:max=6",
    "word:str:not=one|TWO|one",
    "letter:str:max=1",
    "essay:text:min=1500",
    "essay_title:str:min=90",
    f"link_text:str:default={'x' * 150}",
    "second:str:default=two",
)
KINDS = (
    Operation("router", "vouchers", {"fields": EVERY_KIND}),
    Operation("router", f"{'v' * 31}s", {"fields": (f"{'y' * 32}:int:min=-5:unique",)}),
    Operation("router", f"{'w' * 31}s", {"fields": (f"{'u' * 32}:ref({'v' * 31}s)",)}),
    # Limits that leave few values, reserved words and defaults that tests would send, large bodies.
    Operation("router", "narrow", {"fields": NARROW, "singular": "narrow_one"}),
    # A name that every server reserves.
    Operation("router", "references", {"fields": ("label:str",)}),
    # More required fields than a response names.
    Operation("router", "forms", {"fields": tuple(f"line_{n}:str" for n in range(22))}),
)
"""What a table may consist of."""

_FIELDS = ("label:str:max=40", "amount:int:min=1:default=1", "price:decimal:min=0")
PARTS = tuple(
    Operation("router", plural, {"fields": ("label:str",)})
    for plural in ("pages", "units", "problems")
)
"""Resources that are called as parts of a project are."""
NAMED = (
    Operation("router", "order_lines", {"fields": (*_FIELDS, "state:enum(new|paid|sent)")}),
    Operation("router", "people", {"fields": ("full_name:str:not=nobody", "notes:text:optional")}),
    Operation("router", "staff", {"fields": ("is_a:enum(cook|waiter)",), "singular": "employee"}),
    # Everybody who has signed in shares these.
    Operation("router", "tariffs", {"fields": ("choice:str:max=9:unique",), "owned": "no"}),
    # What refers to others: to those of the same owner, to what is shared, to both, in a row.
    Operation("router", "orders", {"fields": ("item:ref(items)", "tariff:ref(tariffs):optional")}),
    Operation("router", "deliveries", {"fields": ("order:ref(orders)", "person:ref(people)")}),
    Operation("router", "reviews", {"fields": ("order:ref(orders):optional",), "owned": "no"}),
    *PARTS,
)
"""What resources are called, and what they refer to."""


def without_tests_of(resources: Iterable[Operation]) -> list[str]:
    """Options of pytest that leave out the tests of these resources through the API."""
    return [f"--ignore-glob=tests/api/test_{resource.name}*" for resource in resources]
