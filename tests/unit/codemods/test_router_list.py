import ast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fastgen.codemods import AlreadyThere, CannotEdit, Edited, exclude_router, include_router
from tests.unit.codemods.cases import Case, read_cases
from tests.unit.codemods.formatting import (
    SEEDS,
    WIDTHS,
    Formatter,
    by_autopep8,
    by_black,
    by_ruff,
    by_yapf,
    examples,
    is_python,
    rewrapped,
)

CASES = read_cases("routers.txt")
ORDERS = "app.api.v1.orders"

EMPTY = '''"""The resources."""

from fastapi import APIRouter

router = APIRouter()
'''
ONE = '''"""The resources."""

from fastapi import APIRouter

from app.api.v1.items import router as items

router = APIRouter()
router.include_router(items, prefix="/items", tags=["items"])
'''


def include(source: str, name: str = "orders") -> Edited | AlreadyThere | CannotEdit:
    return include_router(source, module=f"app.api.v1.{name}", prefix=f"/{name}", tag=name)


def included(source: str, name: str = "orders") -> str:
    outcome = include(source, name)
    assert isinstance(outcome, Edited)
    return outcome.source


def test_the_first() -> None:
    assert included(EMPTY, "items") == ONE


def test_one_more_is_two_lines() -> None:
    added = [line for line in included(ONE).split("\n") if line not in ONE.split("\n")]

    assert added == [
        "from app.api.v1.orders import router as orders",
        'router.include_router(orders, prefix="/orders", tags=["orders"])',
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_last_line_without_a_line_break_stays_so(newline: str) -> None:
    source = ONE.rstrip("\n").replace("\n", newline)

    added = included(source)

    assert added.endswith('tags=["orders"])')
    assert exclude_router(added, module=ORDERS) == Edited(source)


@pytest.mark.parametrize("further", ["\n", "from app.settings import settings\n\n"])
def test_relative_imports_stay_last(further: str) -> None:
    relative = "from .items import router as items\n"
    own = "from app.api.v1.orders import router as orders\n"
    source = ONE.replace(
        "from app.api.v1.items import router as items\n", further.lstrip() + relative
    )

    imports = included(source).partition("APIRouter\n\n")[2].partition("\n\nrouter")[0]

    assert f"{imports}\n" == own + further + relative


def test_imports_are_sorted_and_calls_are_in_order() -> None:
    source = included(included(ONE, "orders"), "authors")

    imports = [line.split()[1] for line in source.split("\n") if line.startswith("from app")]
    calls = [line for line in source.split("\n") if line.startswith("router.include")]
    assert imports == ["app.api.v1.authors", "app.api.v1.items", "app.api.v1.orders"]
    assert [call.split("(")[1].split(",")[0] for call in calls] == ["items", "orders", "authors"]


def test_twice_is_once() -> None:
    assert include(included(ONE)) == AlreadyThere()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_files_that_people_have_edited(case: Case) -> None:
    outcome = include(case.before)

    if case.after is None:
        assert isinstance(outcome, CannotEdit)
        assert case.reason in outcome.reason
        assert outcome.paste.split("\n") == [
            "from app.api.v1.orders import router as orders",
            'router.include_router(orders, prefix="/orders", tags=["orders"])',
        ]
    elif case.after == case.before:
        assert outcome == AlreadyThere()
    else:
        assert outcome == Edited(case.after)
        assert include(case.after) == AlreadyThere()


@pytest.mark.parametrize("case", [case for case in CASES if case.after != case.before], ids=str)
def test_out_again_is_as_before(case: Case) -> None:
    if case.after is None or case.one_way:
        assert exclude_router(case.before, module=ORDERS) != Edited(case.before)
        return

    assert exclude_router(case.after, module=ORDERS) == Edited(case.before)
    assert exclude_router(case.before, module=ORDERS) == AlreadyThere()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import app.api.v1.orders\n\nrouter.include_router(app.api.v1.orders.router)\n", "path"),
        ("from app.api.v1 import items, orders\n\nx.include_router(orders.router)\n", "others"),
        ("from app.api.v1.orders import router as orders\nprint(orders)\n", "something else"),
        (
            "from app.api.v1.orders import router as orders\nif x:\n    r.include_router(orders)\n",
            "all that its block has",
        ),
        ("def (:", "not valid Python"),
    ],
)
def test_routers_that_cannot_be_removed(source: str, reason: str) -> None:
    outcome = exclude_router(source, module=ORDERS)

    assert isinstance(outcome, CannotEdit)
    assert reason in outcome.reason


def test_two_at_the_same_place_if_they_belong_together() -> None:
    source = included(ONE)

    alone = include_router(source, module=f"{ORDERS}_export", prefix="/orders", tag="orders")
    together = include_router(
        source, module=f"{ORDERS}_export", prefix="/orders", tag="orders", together=[ORDERS]
    )

    assert isinstance(alone, CannotEdit)
    assert isinstance(together, Edited)


PARTS = st.sampled_from(
    [
        "import os",
        "from app.settings import Settings",
        "from app.api.v1.zones import router as zones",
        'router.include_router(zones, prefix="/zones")',
        "# größer ☃",
        "",
        "if True:\n    router.tags = []",
        "def f() -> None:\n\trouter.include_router(zones)",
        'text = """\nrouter.include_router(orders)\n"""',
        "x = 1; y = 2",
        "\x0c",
    ]
)


@given(st.lists(PARTS), st.lists(PARTS), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_every_other_line_survives(
    above: list[str], below: list[str], newline: str, has_bom: bool
) -> None:
    lines = ["from fastapi import APIRouter", *above, "router = APIRouter()", *below, ""]
    source = ("\ufeff" if has_bom else "") + newline.join(lines).replace("\n", newline)
    source = source.replace("\r\r\n", "\r\n")

    outcome = include(source)

    assert isinstance(outcome, Edited)
    before, after = source.split("\n"), outcome.source.split("\n")
    added = [line for line in after if "orders" in line and line not in before]
    assert len(added) == 2
    rest = [line for line in after if line not in added]
    assert [line for line in rest if line.strip()] == [line for line in before if line.strip()]
    assert len(after) - len(before) <= 4
    assert {line.endswith("\r") for line in after[:-1]} == {newline == "\r\n"}
    assert exclude_router(outcome.source, module=ORDERS) == Edited(source)


@given(st.permutations(["items", "orders", "authors", "zones", "b"]))
def test_any_order_is_valid_python_with_all_of_them(names: list[str]) -> None:
    source = EMPTY
    for name in names:
        source = included(source, name)

    module = ast.parse(source)
    imported = [node.module for node in module.body if isinstance(node, ast.ImportFrom)][1:]
    assert imported == sorted(f"app.api.v1.{name}" for name in names)
    assert all(include(source, name) == AlreadyThere() for name in names)


LONG = '''"""The resources."""

from fastapi import APIRouter, Depends

from app.api.deps import (limited, require_scopes)
from app.api.v1.a_rather_long_name_of_a_resource import router as a_rather_long_name_of_a_resource
from app.api.v1.items import router as items
from app.api.v1.zones import router as zones

router = APIRouter(dependencies=[Depends(limited(10, "minute"))], responses={404: {}, 409: {}})
router.include_router(items, prefix="/items", tags=["items"])
for tag, prefix in {"zones": "/zones", "areas": "/areas (old), ["}.items():
    router.include_router(zones, prefix=prefix, tags=[tag])
router.include_router(
    a_rather_long_name_of_a_resource,
    prefix="/a-rather-long-name-of-a-resource",
    tags=["a_rather_long_name_of_a_resource"],
    dependencies=[Depends(require_scopes(read="zones:read", write=f"zones:{'write'}"))],
)
'''
MADE = """from fastapi import APIRouter

from app.api.v1.items import router as items


def make(prefix: str, tags: list[str], is_public: bool = False) -> APIRouter:
    routes = APIRouter(prefix=prefix)
    routes.include_router(items, prefix="/items" if is_public else "/own", tags=[*tags, "items"])
    return routes
"""


@pytest.mark.parametrize(
    ("formatter", "count"), [(by_black, 40), (by_ruff, 40), (by_yapf, 10), (by_autopep8, 10)]
)
def test_every_formatter_at_any_line_length(formatter: Formatter, count: int) -> None:
    @examples(count)
    @given(st.sampled_from([LONG, MADE, ONE]), SEEDS, WIDTHS, WIDTHS)
    def check_one(source: str, seed: int | None, width: int, later: int) -> None:
        text = formatter(rewrapped(source, seed), width)
        assume(is_python(text))

        added = formatter(check(text), later)

        assume(is_python(added))
        removed = exclude_router(added, module=ORDERS)
        assert isinstance(removed, Edited)
        assert ast.dump(ast.parse(removed.source)) == ast.dump(ast.parse(text))

    check_one()


@examples(100)
@given(st.sampled_from([LONG, MADE, ONE]), st.integers(0, 2**32))
def test_calls_in_lines_broken_at_random(source: str, seed: int) -> None:
    check(rewrapped(source, seed))


def check(text: str) -> str:
    """Include a router and exclude it; the text between has one import and one call more."""
    outcome = include(text)

    assert isinstance(outcome, Edited), outcome
    tree = ast.parse(outcome.source)
    added = [
        (block, node)
        for parent in ast.walk(tree)
        if isinstance(block := getattr(parent, "body", None), list)
        for node in block
        if not isinstance(node, ast.FunctionDef) and "orders" in ast.unparse(node)
    ]
    name = "routes" if "routes." in text else "router"
    assert [ast.unparse(node) for _, node in added] == [
        "from app.api.v1.orders import router as orders",
        f"{name}.include_router(orders, prefix='/orders', tags=['orders'])",
    ]
    for block, node in added:
        block.remove(node)
    assert ast.dump(tree) == ast.dump(ast.parse(text))
    assert exclude_router(outcome.source, module=ORDERS) == Edited(text)
    return outcome.source
