"""The rules of items."""

from collections.abc import Collection, Sequence

from app.core.repository import Slice
from app.models.item import Item
from app.repositories.item import ItemRepository
from app.schemas.item import ItemCreate, ItemPatch, ItemQuery


class ItemService:
    """What can be done with items, in one unit of work."""

    def __init__(self, items: ItemRepository) -> None:
        self._items = items

    async def get(self, item_id: int) -> Item:
        return await self._items.get(item_id)

    async def page(self, query: ItemQuery) -> Slice[Item]:
        return await self._items.page(query.to_query())

    async def after(self, item_id: int, limit: int) -> Sequence[Item]:
        return await self._items.after(item_id, limit)

    async def create(self, data: ItemCreate) -> Item:
        return await self._items.add(data.model_dump())

    async def replace(
        self,
        item_id: int,
        data: ItemCreate,
        versions: Collection[int] | None = None,
    ) -> Item:
        values = data.model_dump()
        return await self._items.update(item_id, values, versions=versions)

    async def patch(
        self,
        item_id: int,
        data: ItemPatch,
        versions: Collection[int] | None = None,
    ) -> Item:
        changes = data.model_dump(exclude_unset=True)
        return await self._items.update(item_id, changes, versions=versions)

    async def delete(
        self,
        item_id: int,
        versions: Collection[int] | None = None,
    ) -> None:
        await self._items.remove(item_id, versions=versions)
