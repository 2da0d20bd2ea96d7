"""Order lines."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, Security, status

from app.api.deps import CursorCodecDep, IfMatchDep, ReadSessionDep, SessionDep
from app.auth.deps import OwnedRowsDep
from app.cache.routes import cached
from app.core.etag import set_etag, set_location
from app.models.order_line import OrderLine
from app.repositories.order_line import OrderLineRepository
from app.schemas.order_line import (
    OrderLineCreate,
    OrderLineCursorPage,
    OrderLineCursorQuery,
    OrderLinePage,
    OrderLinePatch,
    OrderLineQuery,
    OrderLineRead,
)
from app.services.order_line import OrderLineService

router = APIRouter()


async def get_order_line_reads(session: ReadSessionDep, owned: OwnedRowsDep) -> OrderLineService:
    return OrderLineService(OrderLineRepository(session, owned))


async def get_order_line_writes(session: SessionDep, owned: OwnedRowsDep) -> OrderLineService:
    return OrderLineService(OrderLineRepository(session, owned))


OrderLineId = Annotated[int, Path(ge=1, le=2**63 - 1)]
OrderLineReads = Annotated[
    OrderLineService, Security(get_order_line_reads, scopes=["order-lines:read"])
]
OrderLineWrites = Annotated[
    OrderLineService, Security(get_order_line_writes, scopes=["order-lines:write"])
]


@router.get("")
@cached(OrderLine)
async def list_order_lines(
    request: Request, query: Annotated[OrderLineQuery, Query()], order_lines: OrderLineReads
) -> OrderLinePage:
    return OrderLinePage.of(await order_lines.page(query), query)


@router.get("/cursor")
@cached(OrderLine)
async def list_order_lines_by_cursor(
    request: Request,
    query: Annotated[OrderLineCursorQuery, Query()],
    codec: CursorCodecDep,
    order_lines: OrderLineReads,
) -> OrderLineCursorPage:
    rows = await order_lines.list_after(codec.decode(query.cursor), query.size + 1, query)
    return OrderLineCursorPage.of(rows, query.size, codec)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_order_line(
    data: OrderLineCreate, order_lines: OrderLineWrites, request: Request, response: Response
) -> OrderLineRead:
    order_line = await order_lines.create(data)
    set_location(request, response, order_line)
    return OrderLineRead.model_validate(order_line)


@router.get("/{order_line_id}")
@cached(OrderLine)
async def read_order_line(
    request: Request, order_line_id: OrderLineId, order_lines: OrderLineReads, response: Response
) -> OrderLineRead:
    order_line = await order_lines.get(order_line_id)
    set_etag(response, order_line)
    return OrderLineRead.model_validate(order_line)


@router.put("/{order_line_id}")
async def replace_order_line(
    order_line_id: OrderLineId,
    data: OrderLineCreate,
    order_lines: OrderLineWrites,
    versions: IfMatchDep,
    response: Response,
) -> OrderLineRead:
    order_line = await order_lines.update(order_line_id, data, versions)
    set_etag(response, order_line)
    return OrderLineRead.model_validate(order_line)


@router.patch("/{order_line_id}")
async def patch_order_line(
    order_line_id: OrderLineId,
    data: OrderLinePatch,
    order_lines: OrderLineWrites,
    versions: IfMatchDep,
    response: Response,
) -> OrderLineRead:
    order_line = await order_lines.update(order_line_id, data, versions)
    set_etag(response, order_line)
    return OrderLineRead.model_validate(order_line)


@router.delete("/{order_line_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_order_line(
    order_line_id: OrderLineId, order_lines: OrderLineWrites, versions: IfMatchDep
) -> None:
    await order_lines.delete(order_line_id, versions)
