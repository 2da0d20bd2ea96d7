"""The same steps as a generated project takes on PostgreSQL, written by hand in the routes.

One statement in autocommit for a row, two for a page, a transaction for an insert; statements are
built once. There are no layers, no checks of what a list may be asked for, no versions.
"""

# FastAPI and SQLAlchemy are in the environment of generated projects, not in this one.
# mypy: ignore-errors

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from math import ceil
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query
from sqlalchemy import MetaData as Tables
from sqlalchemy import Table, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.bare import Health, Item, ItemCreate, ItemPage

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
reads = create_async_engine(URL, isolation_level="AUTOCOMMIT", pool_size=15, max_overflow=0)
writes = create_async_engine(URL, pool_size=15, max_overflow=0)
tables = Tables()


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
    async with reads.connect() as connection:
        await connection.run_sync(lambda sync: Table("items", tables, autoload_with=sync))
    items = tables.tables["items"]
    statements["row"] = select(items).where(items.c.id == bindparam("row_id"))
    statements["count"] = select(func.count()).select_from(items)
    statements["add"] = insert(items).returning(items)
    statements["page"] = (
        select(items)
        .order_by(items.c.created_at.desc(), items.c.id.desc())
        .limit(bindparam("size"))
        .offset(bindparam("start"))
    )
    yield
    await reads.dispose()
    await writes.dispose()


app = FastAPI(lifespan=lifespan, telemetry={"tracing": False, "metrics": False, "logs": False})
statements = {}


@app.get("/health")
async def read_health() -> Health:
    return Health(status="ok")


@app.get("/api/v1/items")
async def list_items(
    page: Annotated[int, Query(ge=1)] = 1, size: Annotated[int, Query(ge=1, le=100)] = 20
) -> ItemPage:
    values = {"size": size, "start": (page - 1) * size}
    async with reads.connect() as connection:
        rows = (await connection.execute(statements["page"], values)).mappings().all()
        total = await connection.scalar(statements["count"])
    items = [Item.model_validate(row) for row in rows]
    return ItemPage(items=items, total=total, page=page, size=size, pages=ceil(total / size))


@app.post("/api/v1/items", status_code=201)
async def create_item(data: ItemCreate) -> Item:
    now = datetime.now(UTC)
    values = {**data.model_dump(), "created_at": now, "updated_at": now, "version": 1}
    async with writes.begin() as connection:
        row = (await connection.execute(statements["add"], values)).mappings().one()
    return Item.model_validate(row)


@app.get("/api/v1/items/{item_id}")
async def read_item(item_id: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> Item:
    async with reads.connect() as connection:
        row = (await connection.execute(statements["row"], {"row_id": item_id})).mappings().first()
    if row is None:
        raise HTTPException(404)
    return Item.model_validate(row)
