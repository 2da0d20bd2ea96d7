"""The steps of a generated project on PostgreSQL, written with the ORM in the routes.

`by_hand` takes them with care: reads in autocommit, and no statement that is not needed. `tutorial`
has the session dependency that tutorials show: one pool that is checked before each use, one
transaction a request, and a refresh after each write.
"""

# FastAPI and SQLAlchemy are in the environment of generated projects, not in this one.
# mypy: ignore-errors

import os
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from decimal import Decimal
from math import ceil
from typing import Annotated, ClassVar

from fastapi import Depends, FastAPI, HTTPException, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, DateTime, Numeric, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.bare import Health, Item, ItemCreate, ItemPage

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
POOL = {"pool_size": 15, "max_overflow": 0}
"""As in a generated project. Beyond its size, a pool opens a connection for each use."""
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False}
ItemId = Annotated[int, Path(ge=1, le=2**63 - 1)]
PageNumber = Annotated[int, Query(ge=1)]
PageSize = Annotated[int, Query(ge=1, le=100)]


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), Decimal: Numeric(12, 2)}


class ItemRow(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    description: Mapped[str | None]
    price: Mapped[Decimal]
    status: Mapped[str]

    __mapper_args__: ClassVar = {"version_id_col": version}


class ItemPatch(BaseModel):
    price: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


NEWEST_FIRST = (ItemRow.created_at.desc(), ItemRow.id.desc())


def shown(row: ItemRow) -> Item:
    return Item.model_validate(row, from_attributes=True)


def new_row(data: ItemCreate) -> ItemRow:
    now = datetime.now(UTC)
    return ItemRow(**data.model_dump(), created_at=now, updated_at=now)


async def page_of(session: AsyncSession, page: int, size: int) -> ItemPage:
    chosen = select(ItemRow).order_by(*NEWEST_FIRST).limit(size).offset((page - 1) * size)
    items = [shown(row) for row in await session.scalars(chosen)]
    total = await session.scalar(select(func.count()).select_from(ItemRow))
    return ItemPage(items=items, total=total, page=page, size=size, pages=ceil(total / size))


by_hand = FastAPI(telemetry=NO_TELEMETRY)
_reads = async_sessionmaker(create_async_engine(URL, isolation_level="AUTOCOMMIT", **POOL))
_writes = async_sessionmaker(create_async_engine(URL, **POOL), expire_on_commit=False)


@by_hand.get("/health")
async def read_health() -> Health:
    return Health(status="ok")


@by_hand.get("/api/v1/items")
async def list_items(page: PageNumber = 1, size: PageSize = 20) -> ItemPage:
    async with _reads() as session:
        return await page_of(session, page, size)


@by_hand.post("/api/v1/items", status_code=201)
async def create_item(data: ItemCreate) -> Item:
    async with _writes.begin() as session:
        row = new_row(data)
        session.add(row)
    return shown(row)


@by_hand.get("/api/v1/items/{item_id}")
async def read_item(item_id: ItemId) -> Item:
    async with _reads() as session:
        row = await session.get(ItemRow, item_id)
    if row is None:
        raise HTTPException(404)
    return shown(row)


@by_hand.patch("/api/v1/items/{item_id}")
async def patch_item(item_id: ItemId, data: ItemPatch) -> Item:
    async with _writes.begin() as session:
        row = await session.get(ItemRow, item_id, with_for_update=True)
        if row is None:
            raise HTTPException(404)
        row.price, row.updated_at = data.price, datetime.now(UTC)
    return shown(row)


tutorial = FastAPI(telemetry=NO_TELEMETRY)
_sessions = async_sessionmaker(create_async_engine(URL, pool_pre_ping=True))


async def get_session() -> AsyncGenerator[AsyncSession]:
    async with _sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


@tutorial.get("/health")
async def read_tutorial_health() -> Health:
    return Health(status="ok")


@tutorial.get("/api/v1/items")
async def list_with_session(
    session: SessionDep, page: PageNumber = 1, size: PageSize = 20
) -> ItemPage:
    return await page_of(session, page, size)


@tutorial.post("/api/v1/items", status_code=201)
async def create_with_session(data: ItemCreate, session: SessionDep) -> Item:
    row = new_row(data)
    session.add(row)
    await session.commit()
    await session.refresh(row)
    return shown(row)


@tutorial.get("/api/v1/items/{item_id}")
async def read_with_session(item_id: ItemId, session: SessionDep) -> Item:
    row = await session.get(ItemRow, item_id)
    if row is None:
        raise HTTPException(404)
    return shown(row)


@tutorial.patch("/api/v1/items/{item_id}")
async def patch_with_session(item_id: ItemId, data: ItemPatch, session: SessionDep) -> Item:
    row = await session.get(ItemRow, item_id, with_for_update=True)
    if row is None:
        raise HTTPException(404)
    row.price, row.updated_at = data.price, datetime.now(UTC)
    await session.commit()
    await session.refresh(row)
    return shown(row)
