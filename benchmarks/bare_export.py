"""An export as it is commonly written: a cursor that is open until the client has it all."""

# FastAPI and asyncpg are in the environment of generated projects, not in this one.
# mypy: ignore-errors

import csv
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import StringIO

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

BATCH = 1000
ROWS = "SELECT id, name, description, price, status, created_at, updated_at FROM items ORDER BY id"


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, asyncpg.Pool]]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        yield {"pool": pool}


app = FastAPI(lifespan=lifespan, telemetry={"tracing": False, "metrics": False, "logs": False})


@app.get("/health")
async def read_health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/export.csv")
async def export(request: Request) -> StreamingResponse:
    async def lines() -> AsyncGenerator[str]:
        async with request.state.pool.acquire() as connection, connection.transaction():
            cursor = await connection.cursor(ROWS)
            while rows := await cursor.fetch(BATCH):
                text = StringIO()
                csv.writer(text).writerows(
                    (*row[:5], row[5].isoformat(), row[6].isoformat()) for row in map(tuple, rows)
                )
                yield text.getvalue()

    return StreamingResponse(lines(), media_type="text/csv")
