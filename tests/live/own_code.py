"""What the owners of a project write in an hour: a route with its logic, rules, tests."""

from pathlib import Path

FILES = {
    "app/services/shipping.py": '''"""Shipping costs."""

from decimal import Decimal

from app.core.errors import NotFound

RATES = {"letter": Decimal("1.20"), "parcel": Decimal("5.90")}


def shipping_cost(kind: str, count: int) -> Decimal:
    """The price of some pieces of one kind.

    Raises:
        NotFound: there is no such kind.
    """
    if kind not in RATES:
        raise NotFound(f"Nothing is shipped as `{kind}`.")
    discount = Decimal("0.9") if count >= 10 else Decimal(1)
    return (RATES[kind] * count * discount).quantize(Decimal("0.01"))
''',
    "app/schemas/shipping.py": '''"""Shipping schemas."""

from decimal import Decimal

from app.schemas.base import Output


class ShippingQuote(Output):
    kind: str
    count: int
    cost: Decimal
''',
    "app/api/v1/shipping.py": '''"""Shipping."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.schemas.shipping import ShippingQuote
from app.services.shipping import shipping_cost

router = APIRouter()


@router.get("/{kind}")
async def quote_shipping(
    kind: str, count: Annotated[int, Query(ge=1, le=1000)] = 1
) -> ShippingQuote:
    return ShippingQuote(kind=kind, count=count, cost=shipping_cost(kind, count))
''',
    "tests/unit/test_shipping.py": '''"""Shipping costs."""

from decimal import Decimal

import pytest

from app.core.errors import NotFound
from app.services.shipping import shipping_cost


def test_ten_are_cheaper() -> None:
    assert shipping_cost("letter", 10) == Decimal("10.80")


def test_an_unknown_kind() -> None:
    with pytest.raises(NotFound):
        shipping_cost("elephant", 1)
''',
    "tests/api/test_shop.py": '''"""The routes of our own."""

from httpx2 import AsyncClient

from tests.factories.item import item_data


async def test_a_quote(client: AsyncClient) -> None:
    response = await client.get("/api/v1/shipping/parcel", params={"count": 2})

    assert response.json() == {"kind": "parcel", "count": 2, "cost": "11.80"}


async def test_a_draft_is_published(client: AsyncClient) -> None:
    created = await client.post("/api/v1/items", json=item_data(name=" Lamp "))

    published = await client.post(f"{created.headers['location']}/publish")

    assert published.json()["status"] == "active"
    assert published.json()["name"] == "Lamp"
''',
}
ADDITIONS = {
    "app/api/v1/router.py": {
        "from app.api.v1.items import router as items\n": (
            "from app.api.v1.shipping import router as shipping\n"
        ),
        'router.include_router(items, prefix="/items", tags=["items"])\n': (
            'router.include_router(shipping, prefix="/shipping", tags=["shipping"])\n'
        ),
    },
    "app/services/item.py": {
        "        values = data.model_dump()\n": (
            '        values["name"] = values["name"].strip()  # our names have no spaces around\n'
        ),
        "        return await self._items.add(Item(**values))\n": """
    async def publish(self, item_id: int) -> Item:
        row = await self._items.get_for_update(item_id)
        return await self._items.update(row, {"status": "active"})
""",
    },
    "app/api/v1/items.py": {
        "    item = await items.get(item_id)\n"
        "    set_etag(response, item)\n"
        "    return ItemRead.model_validate(item)\n": """

@router.post("/{item_id}/publish")
async def publish_item(item_id: ItemId, items: ItemWrites) -> ItemRead:
    return ItemRead.model_validate(await items.publish(item_id))
""",
    },
    "app/settings.py": {'    contact_name: str = ""\n': "    free_shipping_from: int = 100\n"},
    ".env.example": {"PORT=8000\n": "FREE_SHIPPING_FROM=100\n"},
    "app/main.py": {"    extend_openapi(app)\n": "    app.state.started_by = app.title\n"},
    "README.md": {"The Shop service.\n": "It sells lamps. Ask Ann before you restart it.\n"},
    "pyproject.toml": {
        "dependencies = [\n": '    "babel>=2.17", # prices in words\n',
        "ignore = [\n": '    "E501",    # the formatter decides\n',
    },
}
"""Lines by the lines of generated files that they are below, where these are there first."""


def write_own_code(project: Path) -> None:
    for path, text in FILES.items():
        (project / path).write_text(text, "utf-8")
    for path, additions in ADDITIONS.items():
        text = (project / path).read_text("utf-8")
        for before, added in additions.items():
            assert before in text, (path, before)
            text = text.replace(before, before + added, 1)
        (project / path).write_text(text, "utf-8")


def lost_lines(project: Path) -> list[str]:
    """The lines of the owners that are not in their files any more."""
    own = FILES | {path: "".join(added.values()) for path, added in ADDITIONS.items()}
    return [
        f"{path}: {line}"
        for path, text in own.items()
        for line in text.splitlines()
        if line not in (project / path).read_text("utf-8").splitlines()
    ]
