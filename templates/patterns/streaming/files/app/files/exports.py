"""All rows of a resource as a file: read, converted and sent in batches."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Depends

from app.files.formats import Columns, Csv, Format, JsonLines
from app.files.rows import AnyRepository, rows_after
from app.realtime.streams import StreamResponse, limit_streams
from app.schemas.base import Output

BATCH_SIZE = 1000
PART_SIZE = 100
"""Rows that are converted and sent at once: a batch of long texts would take too long."""

LINES = {"schema": {"type": "string"}}
Endpoint = Callable[..., Awaitable[StreamResponse]]


def export_router(name: str, repository: object, schema: type[Output]) -> APIRouter:
    """The routes `/export.csv` and `/export.jsonl` of a resource.

    Args:
        name: of the resource, and of the files.
        repository: the dependency, `Annotated[...]`, for a repository; its rows are exported.
        schema: its fields are exported. Each is a column of the model.
    """
    router = APIRouter(dependencies=[Depends(limit_streams)])
    columns = Columns(schema)
    formats: tuple[Format, ...] = (Csv(), JsonLines())
    for each in formats:
        router.add_api_route(
            f"/export.{each.suffix}",
            _endpoint(name, repository, columns, each),
            name=f"export_{name}_{each.suffix}",
            response_class=StreamResponse,
            responses={200: {"content": {each.media_type: LINES}}, 429: {}},
        )
    return router


def _endpoint(name: str, dependency: object, columns: Columns, form: Format) -> Endpoint:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form.suffix}"',
        "Cache-Control": "private, no-store",
    }

    async def export(repository: Any) -> StreamResponse:  # noqa: ANN401  # annotated below
        """All rows, the oldest first. If the connection is aborted, rows are missing."""
        return StreamResponse(
            lambda: write_rows(repository, columns, form),
            media_type=form.media_type,
            headers=headers,
        )

    export.__annotations__["repository"] = dependency
    return export


async def write_rows(
    repository: AnyRepository, columns: Columns, form: Format
) -> AsyncGenerator[bytes]:
    """Each batch is a statement of its own: none is open while a slow client reads."""
    text, last, is_complete = form.head(columns), 0, False
    names = ("id", *columns.selected)
    while not is_complete:
        rows = await rows_after(repository, names, last, BATCH_SIZE)
        is_complete = len(rows) < BATCH_SIZE
        last = rows[-1][0] if rows else last
        parts = []
        for start in range(0, len(rows) or 1, PART_SIZE):
            part = [row[1:] for row in rows[start : start + PART_SIZE]]
            parts.append((text + form.rows(columns, part)).encode())
            text = ""
            await asyncio.sleep(0)
        del rows  # while a slow client reads, there is only their text
        for each in parts:
            yield each
            # Neither a send to a fast client nor a free connection waits: let other requests run.
            await asyncio.sleep(0)
