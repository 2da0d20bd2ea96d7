"""The rules of order lines."""

from collections.abc import Collection, Sequence

from app.core.repository import Slice
from app.models.order_line import OrderLine
from app.repositories.order_line import OrderLineRepository
from app.schemas.order_line import OrderLineCreate, OrderLinePatch, OrderLineQuery


class OrderLineService:
    """What can be done with order lines, in one unit of work."""

    def __init__(self, order_lines: OrderLineRepository) -> None:
        self._order_lines = order_lines

    async def get(self, order_line_id: int) -> OrderLine:
        return await self._order_lines.get(order_line_id)

    async def page(self, query: OrderLineQuery) -> Slice[OrderLine]:
        return await self._order_lines.page(query.to_query())

    async def after(self, order_line_id: int, limit: int) -> Sequence[OrderLine]:
        return await self._order_lines.after(order_line_id, limit)

    async def create(self, data: OrderLineCreate) -> OrderLine:
        return await self._order_lines.add(data.model_dump())

    async def replace(
        self,
        order_line_id: int,
        data: OrderLineCreate,
        versions: Collection[int] | None = None,
    ) -> OrderLine:
        values = data.model_dump()
        return await self._order_lines.update(order_line_id, values, versions=versions)

    async def patch(
        self,
        order_line_id: int,
        data: OrderLinePatch,
        versions: Collection[int] | None = None,
    ) -> OrderLine:
        changes = data.model_dump(exclude_unset=True)
        return await self._order_lines.update(order_line_id, changes, versions=versions)

    async def delete(
        self,
        order_line_id: int,
        versions: Collection[int] | None = None,
    ) -> None:
        await self._order_lines.remove(order_line_id, versions=versions)
