"""All rows of a resource as a file, in whatever length: read, written and sent in batches."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Protocol

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter

from app.api.dependencies.streams import take_slot
from app.core.streams.formats import Csv, Format, JsonLines
from app.core.streams.response import Stream
from app.models.base import Row
from app.schemas.base import Output

BATCH = 1000
"""Rows: one at a time would take ten times as long, all of them the memory."""


LINES = {"schema": {"type": "string"}}
Endpoint = Callable[..., Awaitable[Stream]]


class Source(Protocol):
    """A service whose rows can be walked by id."""

    async def after(self, row_id: int, limit: int, /) -> Sequence[Row]: ...


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
    """Each batch is a statement of its own: none is open while the client reads."""
    adapter = TypeAdapter(list[schema])  # type: ignore[valid-type]
    head, rows = form.head(schema), await service.after(0, BATCH)
    yield (head + form.rows(adapter.validate_python(rows, from_attributes=True))).encode()
    while len(rows) == BATCH:
        rows = await service.after(rows[-1].id, BATCH)
        yield form.rows(adapter.validate_python(rows, from_attributes=True)).encode()
