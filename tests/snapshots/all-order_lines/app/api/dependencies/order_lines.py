"""The service of order lines, for reading and for writing."""

from typing import Annotated

from fastapi import Security

from app.api.dependencies.owned import ReadsDep, UnitDep
from app.repositories.order_line import OrderLineRepository
from app.services.order_line import OrderLineService


async def reading(reads: ReadsDep) -> OrderLineService:
    return OrderLineService(OrderLineRepository(reads))


async def writing(unit: UnitDep) -> OrderLineService:
    return OrderLineService(OrderLineRepository(unit))


OrderLineReads = Annotated[OrderLineService, Security(reading, scopes=["order-lines:read"])]
OrderLineWrites = Annotated[OrderLineService, Security(writing, scopes=["order-lines:write"])]
