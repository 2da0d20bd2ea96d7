"""The service of items, for reading and for writing."""

from typing import Annotated

from fastapi import Security

from app.api.dependencies.owned import ReadsDep, UnitDep
from app.repositories.item import ItemRepository
from app.services.item import ItemService


async def reading(reads: ReadsDep) -> ItemService:
    return ItemService(ItemRepository(reads))


async def writing(unit: UnitDep) -> ItemService:
    return ItemService(ItemRepository(unit))


ItemReads = Annotated[ItemService, Security(reading, scopes=["items:read"])]
ItemWrites = Annotated[ItemService, Security(writing, scopes=["items:write"])]
