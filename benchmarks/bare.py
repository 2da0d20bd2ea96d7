"""The least that FastAPI needs for the answers of a generated project: what that is compared with.

By the rules of FastAPI for speed: routes are `async` and return annotated models, which are kept as
they are; there are no dependencies, no middleware, no telemetry.
"""

# FastAPI is in the environment of generated projects, not in this one.
# mypy: allow-untyped-decorators, disable-error-code="import-not-found"

from datetime import UTC, datetime
from decimal import Decimal
from math import ceil
from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})
items: dict[int, "Item"] = {}


class Health(BaseModel):
    status: Literal["ok"]


class ItemCreate(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    description: Annotated[str, Field(max_length=500)] | None = None
    price: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
    status: Literal["draft", "active"] = "draft"


class Item(BaseModel):
    id: int
    name: str
    description: str | None
    price: Decimal
    status: Literal["draft", "active"]
    created_at: datetime
    updated_at: datetime


class ItemPage(BaseModel):
    items: list[Item]
    total: int
    page: int
    size: int
    pages: int


@app.get("/health")
async def read_health() -> Health:
    return Health(status="ok")


@app.get("/api/v1/items")
async def list_items(
    page: Annotated[int, Query(ge=1)] = 1, size: Annotated[int, Query(ge=1, le=100)] = 20
) -> ItemPage:
    newest = list(reversed(items.values()))
    start, total = (page - 1) * size, len(items)
    return ItemPage(
        items=newest[start : start + size],
        total=total,
        page=page,
        size=size,
        pages=ceil(total / size),
    )


@app.post("/api/v1/items", status_code=201)
async def create_item(data: ItemCreate) -> Item:
    now = datetime.now(UTC)
    item = Item(id=len(items) + 1, created_at=now, updated_at=now, **data.model_dump())
    items[item.id] = item
    return item


@app.get("/api/v1/items/{item_id}")
async def read_item(item_id: int) -> Item:
    if item_id not in items:
        raise HTTPException(404)
    return items[item_id]
