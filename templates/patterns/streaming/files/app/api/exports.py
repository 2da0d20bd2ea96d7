"""All rows of a resource as a file, in whatever length: read, written and sent in batches."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Protocol

from fastapi import APIRouter, Depends

from app.api.dependencies.streams import take_slot
from app.core.streams.formats import Csv, Format, JsonLines
from app.core.streams.response import Stream
from app.schemas.base import Output

BATCH = 250
"""Rows: one at a time would take ten times as long; a thousand, the turns of all other requests."""

LINES = {"schema": {"type": "string"}}
Endpoint = Callable[..., Awaitable[Stream]]


class Row(Protocol):
    """A row with an ascending id."""

    @property
    def id(self) -> int: ...


class Source(Protocol):
    """A service that lists rows by id."""

    async def list_after(self, row_id: int, limit: int, /) -> Sequence[Row]: ...


def export_router(name: str, source: object, schema: type[Output]) -> APIRouter:
    """The routes `/export.csv` and `/export.jsonl` of a resource.

    Args:
        name: of the resource: what the files are called.
        source: the dependency that gives its service, for reading; what it may read is exported.
        schema: what is written of a row.
    """
    router = APIRouter(dependencies=[Depends(take_slot)])
    forms: tuple[Format, ...] = (Csv(), JsonLines())
    for form in forms:
        router.add_api_route(
            f"/export.{form.suffix}",
            _endpoint(name, source, schema, form),
            name=f"export_{name}_{form.suffix}",
            response_class=Stream,
            responses={200: {"content": {form.media_type: LINES}}, 429: {}},
        )
    return router


def _endpoint(name: str, source: object, schema: type[Output], form: Format) -> Endpoint:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form.suffix}"',
        "Cache-Control": "private, no-store",
    }

    async def export(service: Source) -> Stream:
        """Every row, the oldest first. If the connection ends early, rows are missing."""
        return Stream(
            lambda: _write(service, schema, form), media_type=form.media_type, headers=headers
        )

    export.__annotations__["service"] = source
    return export


async def _write(service: Source, schema: type[Output], form: Format) -> AsyncGenerator[bytes]:
    """Each batch is a statement of its own: none is open while the client reads, and what waits for
    a slow one is bytes.
    """
    head, last = form.head(schema).encode(), 0
    is_whole = False
    while not is_whole:
        lines, last, is_whole = await _batch(service, last, schema, form)
        yield head + lines
        head = b""
        # A send that finds room does not wait, nor does asking for a connection that was given back
        # just now: who has waited for it would never get it.
        await asyncio.sleep(0)


async def _batch(
    service: Source, row_id: int, schema: type[Output], form: Format
) -> tuple[bytes, int, bool]:
    """The lines after a row, the id of the last one, and whether there are no more."""
    rows = await service.list_after(row_id, BATCH)
    written = form.rows([schema.model_validate(row, from_attributes=True) for row in rows])
    return written.encode(), rows[-1].id if rows else row_id, len(rows) < BATCH
