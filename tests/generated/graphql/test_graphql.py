"""Statements, transactions and the cost of documents, in a project with orders and reviews."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import AsyncClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.db.errors import TransactionConflict
from app.graphql import transactions
from app.main import create_app
from app.services.item import ItemService
from app.settings import Settings
from tests.accounts import sign_in
from tests.factories.item import item_data
from tests.graphql.calls import call, codes, execute
from tests.serving import serve

REVIEWS = "{ reviews(size: 50) { items { id order { id item { id name } } } } }"


@pytest.fixture
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield seen
    event.remove(Engine, "before_cursor_execute", see)


def create(*names: str) -> str:
    """A mutation that creates items, with the aliases `a`, `b` and so on."""
    fields = [
        f'{alias}: createItem(data: {{ name: "{name}", price: 1 }}) {{ id }}'
        for alias, name in zip("abc", names, strict=False)
    ]
    return f"mutation {{ {' '.join(fields)} }}"


async def add(client: AsyncClient, path: str, **data: Any) -> int:
    response = await client.post(f"/api/v1/{path}", json=data)
    assert response.status_code == 201, response.text
    row_id: int = response.json()["id"]
    return row_id


@pytest.fixture
async def reviews(client: AsyncClient) -> None:
    """Nine of three orders of three items, and one of none."""
    for number in range(3):
        item = await add(client, "items", **item_data(name=f"item {number}"))
        order = await add(client, "orders", item_id=item)
        for _ in range(3):
            await add(client, "reviews", order_id=order)
    await add(client, "reviews")


@pytest.mark.usefixtures("reviews")
async def test_one_statement_a_level(client: AsyncClient, statements: list[str]) -> None:
    await client.get("/api/v1/users/me")
    statements.clear()
    found = await call(client, REVIEWS)

    orders = [each["order"] for each in found["reviews"]["items"]]
    assert [order["item"]["name"] for order in orders if order] == [
        f"item {number}" for number in (2, 2, 2, 1, 1, 1, 0, 0, 0)
    ]
    # A page and its total, and one for each of the two other levels.
    assert len([each for each in statements if "reviews" in each]) == 2
    assert len([each for each in statements if "FROM orders" in each]) == 1
    assert len([each for each in statements if "FROM items" in each]) == 1


@pytest.mark.usefixtures("reviews")
async def test_rows_of_others_are_null(client: AsyncClient, stranger: AsyncClient) -> None:
    """Reviews are shared, the orders and items behind them are not."""
    del client
    found = await call(stranger, REVIEWS)

    assert [each["order"] for each in found["reviews"]["items"]] == [None] * 10


async def test_each_mutation_is_a_transaction(client: AsyncClient) -> None:
    document = await execute(client, create("one", "admin", "three"))

    (error,) = document["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["b"], "validation_error")
    assert error["extensions"]["errors"][0]["loc"] == ["name"]
    assert document["data"]["b"] is None
    assert (await client.get("/api/v1/items")).json()["total"] == 2


@pytest.mark.parametrize(("losses", "found"), [(4, []), (5, ["unavailable"])])
async def test_a_mutation_is_retried_alone(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, losses: int, found: list[str]
) -> None:
    names: list[str] = []
    original = ItemService.create

    async def lose(self: ItemService, data: Any) -> Any:
        names.append(data.name)
        row = await original(self, data)
        if names.count("two") <= losses and data.name == "two":
            raise TransactionConflict("A concurrent transaction won.")
        return row

    monkeypatch.setattr(ItemService, "create", lose)
    monkeypatch.setattr(transactions, "FIRST_PAUSE", 0)

    assert await codes(client, create("one", "two")) == found
    assert names == ["one", *["two"] * 5]
    assert (await client.get("/api/v1/items")).json()["total"] == (1 if found else 2)


async def test_an_unexpected_error_has_no_internals(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the warehouse is on fire")

    monkeypatch.setattr(ItemService, "page", fail)
    document = await execute(client, "{ version items { total } }")

    assert document["data"]["items"] is None
    assert document["data"]["version"]
    assert document["errors"][0]["extensions"]["code"] == "internal_error"
    assert "warehouse" not in str(document)


DEEP = "{ reviews { items { ...R } } } fragment R on Review { order { item { id } } }"
WIDE = "{ reviews(size: 100) { items { id order { id item { id name price status } } } } }"
ALIASES = " ".join(f"a{n}: items(size: 100) {{ items {{ id }} }}" for n in range(10))


@pytest.mark.parametrize(
    ("limits", "query", "message"),
    [
        ({"graphql_max_depth": 5}, DEEP, ""),
        ({"graphql_max_depth": 4}, DEEP, "4 levels deep"),
        ({"graphql_max_cost": 1_000}, WIDE, ""),
        ({"graphql_max_cost": 800}, WIDE, "cost 800 fields"),
        ({"graphql_max_cost": 800}, WIDE.replace("size: 100", "size: 50"), ""),
        ({"graphql_max_cost": 1_000}, f"{{ {ALIASES} }}", "cost 1,000 fields"),
        (
            {"graphql_max_cost": 800},
            "query($size: Int! = 1000000000) " + WIDE.replace("size: 100", "size: $size"),
            "cost 800 fields",
        ),
    ],
)
async def test_depth_and_cost(limits: dict[str, int], query: str, message: str) -> None:
    async with serve(create_app(Settings(**limits))) as client:  # type: ignore[arg-type]
        await sign_in(client)
        document = await execute(client, query)

    errors = document.get("errors", [])
    assert [message in each["message"] for each in errors] == [True] * bool(message)
