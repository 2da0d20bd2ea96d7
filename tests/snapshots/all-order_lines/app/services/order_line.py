"""Order line business logic."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.core.query import PageResult
from app.models.order_line import OrderLine
from app.repositories.order_line import OrderLineRepository
from app.schemas.order_line import OrderLineCreate, OrderLineFilter, OrderLinePatch, OrderLineQuery


class OrderLineService:
    """The operations on order lines, in the session of its repository."""

    def __init__(self, order_lines: OrderLineRepository) -> None:
        self._order_lines = order_lines

    async def get(self, order_line_id: int) -> OrderLine:
        return await self._order_lines.get(order_line_id)

    async def page(self, query: OrderLineQuery) -> PageResult[OrderLine]:
        return await self._order_lines.page(query.to_query())

    async def list_after(
        self,
        order_line_id: int,
        limit: int,
        query: OrderLineFilter | None = None,
    ) -> Sequence[OrderLine]:
        criteria = query.to_criteria() if query else None
        return await self._order_lines.list_after(order_line_id, limit, criteria)

    async def create(self, data: OrderLineCreate) -> OrderLine:
        return await self._order_lines.add(OrderLine(**data.model_dump()))

    async def replace(
        self,
        order_line_id: int,
        data: OrderLineCreate,
        versions: Collection[int] | None = None,
    ) -> OrderLine:
        return await self._update(order_line_id, data.model_dump(), versions)

    async def patch(
        self,
        order_line_id: int,
        data: OrderLinePatch,
        versions: Collection[int] | None = None,
    ) -> OrderLine:
        return await self._update(order_line_id, data.model_dump(exclude_unset=True), versions)

    async def delete(
        self,
        order_line_id: int,
        versions: Collection[int] | None = None,
    ) -> None:
        row = await self._order_lines.get_for_update(order_line_id, versions)
        await self._order_lines.delete(row)

    async def _update(
        self,
        order_line_id: int,
        changes: Mapping[str, Any],
        versions: Collection[int] | None,
    ) -> OrderLine:
        row = await self._order_lines.get_for_update(order_line_id, versions)
        return await self._order_lines.update(row, changes)
