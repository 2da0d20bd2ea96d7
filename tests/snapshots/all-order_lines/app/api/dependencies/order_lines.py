"""The service of order lines, for reading and for writing."""

from typing import Annotated

from fastapi import Depends

from app.api.dependencies.storage import ReadsDep, UnitDep
from app.repositories.order_line import OrderLineRepository
from app.services.order_line import OrderLineService


async def reading(reads: ReadsDep) -> OrderLineService:
    return OrderLineService(OrderLineRepository(reads))


async def writing(unit: UnitDep) -> OrderLineService:
    return OrderLineService(OrderLineRepository(unit))


OrderLineReads = Annotated[OrderLineService, Depends(reading)]
OrderLineWrites = Annotated[OrderLineService, Depends(writing)]
