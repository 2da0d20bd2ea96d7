"""Item business logic."""

from collections.abc import Collection, Sequence

from app.core.query import PageResult
from app.models.item import Item
from app.repositories.item import ItemRepository
from app.schemas.item import ItemCreate, ItemFilter, ItemPatch, ItemQuery


class ItemService:
    """The operations on items, in the session of its repository."""

    def __init__(self, items: ItemRepository) -> None:
        self._items = items

    async def get(self, item_id: int) -> Item:
        return await self._items.get(item_id)

    async def page(self, query: ItemQuery) -> PageResult[Item]:
        return await self._items.page(query.to_query())

    async def list_after(self, item_id: int, limit: int, query: ItemFilter) -> Sequence[Item]:
        return await self._items.list_after(item_id, limit, query.to_query())

    async def create(self, data: ItemCreate) -> Item:
        values = data.model_dump()
        return await self._items.add(Item(**values))

    async def update(
        self, item_id: int, data: ItemCreate | ItemPatch, versions: Collection[int] | None = None
    ) -> Item:
        row = await self._items.get_for_update(item_id, versions)
        values = data.model_dump()
        return await self._items.update(row, values)

    async def delete(self, item_id: int, versions: Collection[int] | None = None) -> None:
        row = await self._items.get_for_update(item_id, versions)
        await self._items.delete(row)
