"""Order lines."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, status

from app.api.dependencies.conditional import WantedVersions
from app.api.dependencies.order_lines import OrderLineReads, OrderLineWrites
from app.api.dependencies.pagination import WalkDep
from app.core.cache.routes import cached
from app.core.row_headers import tell_created, tell_version
from app.models.order_line import OrderLine
from app.schemas.order_line import (
    OrderLineCreate,
    OrderLineCursorPage,
    OrderLinePage,
    OrderLinePatch,
    OrderLineQuery,
    OrderLineRead,
)

router = APIRouter()

OrderLineId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("")
@cached(OrderLine)
async def list_order_lines(
    query: Annotated[OrderLineQuery, Query()],
    order_lines: OrderLineReads,
) -> OrderLinePage:
    found = await order_lines.page(query)
    return OrderLinePage.of(found, query)


@router.get("/cursor")
@cached(OrderLine)
async def walk_order_lines(walk: WalkDep, order_lines: OrderLineReads) -> OrderLineCursorPage:
    rows = await order_lines.after(walk.after, walk.limit)
    return OrderLineCursorPage.model_validate(walk.page(rows))


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_order_line(
    data: OrderLineCreate,
    order_lines: OrderLineWrites,
    request: Request,
    response: Response,
) -> OrderLineRead:
    order_line = await order_lines.create(data)
    tell_created(request, response, order_line)
    return OrderLineRead.model_validate(order_line)


@router.get("/{order_line_id}")
@cached(OrderLine)
async def read_order_line(
    order_line_id: OrderLineId,
    order_lines: OrderLineReads,
    response: Response,
) -> OrderLineRead:
    order_line = await order_lines.get(order_line_id)
    tell_version(response, order_line)
    return OrderLineRead.model_validate(order_line)


@router.put("/{order_line_id}")
async def replace_order_line(
    order_line_id: OrderLineId,
    data: OrderLineCreate,
    order_lines: OrderLineWrites,
    versions: WantedVersions,
    response: Response,
) -> OrderLineRead:
    order_line = await order_lines.replace(order_line_id, data, versions)
    tell_version(response, order_line)
    return OrderLineRead.model_validate(order_line)


@router.patch("/{order_line_id}")
async def patch_order_line(
    order_line_id: OrderLineId,
    data: OrderLinePatch,
    order_lines: OrderLineWrites,
    versions: WantedVersions,
    response: Response,
) -> OrderLineRead:
    order_line = await order_lines.patch(order_line_id, data, versions)
    tell_version(response, order_line)
    return OrderLineRead.model_validate(order_line)


@router.delete("/{order_line_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_order_line(
    order_line_id: OrderLineId,
    order_lines: OrderLineWrites,
    versions: WantedVersions,
) -> None:
    await order_lines.delete(order_line_id, versions)
