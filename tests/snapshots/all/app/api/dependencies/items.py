"""The service of items, for reading and for writing."""

from typing import Annotated

from fastapi import Depends

from app.api.dependencies.storage import ReadsDep, UnitDep
from app.repositories.item import ItemRepository
from app.services.item import ItemService


async def reading(reads: ReadsDep) -> ItemService:
    return ItemService(ItemRepository(reads))


async def writing(unit: UnitDep) -> ItemService:
    return ItemService(ItemRepository(unit))


ItemReads = Annotated[ItemService, Depends(reading)]
ItemWrites = Annotated[ItemService, Depends(writing)]
