"""A row behind a token, by hand: the token is verified, its session looked up, the row read."""

# FastAPI, PyJWT and SQLAlchemy are in the environment of generated projects, not in this one.
# mypy: ignore-errors

import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

import jwt
from fastapi import FastAPI, Header, HTTPException, Path
from sqlalchemy import MetaData as Tables
from sqlalchemy import Table, bindparam, select
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.bare import Health, Item

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
KEYS = json.loads(os.environ["JWT_KEYS"])
REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp", "type", "scope"]
reads = create_async_engine(URL, isolation_level="AUTOCOMMIT")
tables = Tables()
statements = {}


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
    async with reads.connect() as connection:
        for name in ("items", "sessions"):
            await connection.run_sync(
                lambda sync, name=name: Table(name, tables, autoload_with=sync)
            )
    items, sessions = tables.tables["items"], tables.tables["sessions"]
    statements["session"] = select(sessions).where(sessions.c.handle == bindparam("handle"))
    statements["row"] = select(items).where(
        items.c.id == bindparam("row_id"), items.c.owner_id == bindparam("owner_id")
    )
    yield
    await reads.dispose()


app = FastAPI(lifespan=lifespan, telemetry={"tracing": False, "metrics": False, "logs": False})


@app.get("/health")
async def read_health() -> Health:
    return Health(status="ok")


@app.get("/api/v1/items/{item_id}")
async def read_item(
    item_id: Annotated[int, Path(ge=1, le=2**63 - 1)], authorization: Annotated[str, Header()]
) -> Item:
    token = authorization.removeprefix("Bearer ")
    try:
        claims = jwt.decode(
            token,
            KEYS[jwt.get_unverified_header(token)["kid"]],
            algorithms=["HS256"],
            audience="app",
            issuer="app",
            options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, KeyError):
        raise HTTPException(401) from None
    if claims["type"] != "access" or "items:read" not in claims["scope"].split():
        raise HTTPException(403)
    user_id = int(claims["sub"])
    async with reads.connect() as connection:
        session = (
            await connection.execute(statements["session"], {"handle": claims["sid"]})
        ).first()
        if session is None or session.user_id != user_id:
            raise HTTPException(401)
    async with reads.connect() as connection:
        values = {"row_id": item_id, "owner_id": user_id}
        row = (await connection.execute(statements["row"], values)).mappings().first()
    if row is None:
        raise HTTPException(404)
    return Item.model_validate(row)
