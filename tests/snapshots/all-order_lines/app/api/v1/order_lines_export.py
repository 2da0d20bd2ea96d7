"""Order line exports."""

from typing import Annotated

from fastapi import Security

from app.api.deps import ReadSessionDep
from app.auth.deps import OwnedRowsDep
from app.files.exports import export_router
from app.repositories.order_line import OrderLineRepository
from app.schemas.order_line import OrderLineRead


async def get_order_line_rows(session: ReadSessionDep, owned: OwnedRowsDep) -> OrderLineRepository:
    return OrderLineRepository(session, owned)


OrderLineRows = Annotated[
    OrderLineRepository, Security(get_order_line_rows, scopes=["order-lines:read"])
]

router = export_router("order_lines", OrderLineRows, OrderLineRead)
