import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastgen.wiring import AlreadyWired, CannotWire, Wired, include_router

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


def include(source: str, name: str = "orders") -> Wired | AlreadyWired | CannotWire:
    return include_router(source, module=f"app.api.v1.{name}", prefix=f"/{name}", tag=name)


def wired(source: str, name: str = "orders") -> str:
    outcome = include(source, name)
    assert isinstance(outcome, Wired)
    return outcome.source


def test_the_first() -> None:
    assert wired(EMPTY, "items") == ONE


def test_one_more_is_two_lines() -> None:
    added = [line for line in wired(ONE).split("\n") if line not in ONE.split("\n")]

    assert added == [
        "from app.api.v1.orders import router as orders",
        'router.include_router(orders, prefix="/orders", tags=["orders"])',
    ]


def test_imports_are_sorted_and_calls_are_in_order() -> None:
    source = wired(wired(ONE, "orders"), "authors")

    imports = [line.split()[1] for line in source.split("\n") if line.startswith("from app")]
    calls = [line for line in source.split("\n") if line.startswith("router.include")]
    assert imports == ["app.api.v1.authors", "app.api.v1.items", "app.api.v1.orders"]
    assert [call.split("(")[1].split(",")[0] for call in calls] == ["items", "orders", "authors"]


def test_twice_is_once() -> None:
    assert include(wired(ONE)) == AlreadyWired()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n", "\r\n"),
        ('"""The', '\ufeff"""The'),
        ("router = APIRouter()", "router = APIRouter(\n    # all\n    tags=[],\n)"),
        ('"""\n\nfrom fastapi', '"""\n\x0c\nfrom fastapi'),
        ("router = ", "# größer als é\nrouter = "),
        ("from fastapi import APIRouter", "import os\nfrom fastapi import APIRouter"),
    ],
)
def test_every_other_byte_stays(before: str, after: str) -> None:
    source = ONE.replace(before, after)

    lines = wired(source).split("\n")

    new = [line for line in lines if "orders" in line]
    assert len(new) == 2
    assert "\n".join(line for line in lines if line not in new) == source
    if "\r" in source:
        assert all(line.endswith("\r") for line in lines[:-1])


def test_calls_in_other_places_are_left_alone() -> None:
    source = ONE.replace(
        "router = ",
        '"""router.include_router(orders, prefix="/orders")"""\n\n\n'
        "def later() -> None:\n    router.include_router(orders)\n\n\nrouter = ",
    )

    text = wired(source)

    assert text.rstrip().endswith(
        'router.include_router(orders, prefix="/orders", tags=["orders"])'
    )
    ast.parse(text)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def (:", "line 1 is not valid Python"),
        ("", "no `router = APIRouter()`"),
        ("routers = APIRouter()", "no `router = APIRouter()`"),
        ("def f():\n    router = APIRouter()", "no `router = APIRouter()`"),
        (f"{ONE}\norders = 1\n", "means something else"),
        (f"import orders\n{ONE}", "means something else"),
        (f"from app.api.v1.orders import router as orders\n{ONE}", "means something else"),
    ],
)
def test_no_telling_where_it_belongs(source: str, reason: str) -> None:
    outcome = include(source)

    assert isinstance(outcome, CannotWire)
    assert reason in outcome.reason
    assert outcome.paste.split("\n") == [
        "from app.api.v1.orders import router as orders",
        'router.include_router(orders, prefix="/orders", tags=["orders"])',
    ]


@given(st.permutations(["items", "orders", "authors", "zones", "b"]))
def test_any_order_is_valid_python_with_all_of_them(names: list[str]) -> None:
    source = EMPTY
    for name in names:
        source = wired(source, name)

    module = ast.parse(source)
    imported = [node.module for node in module.body if isinstance(node, ast.ImportFrom)][1:]
    assert imported == sorted(f"app.api.v1.{name}" for name in names)
    assert all(include(source, name) == AlreadyWired() for name in names)
