"""Item business logic."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

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

    async def list_after(
        self,
        item_id: int,
        limit: int,
        query: ItemFilter | None = None,
    ) -> Sequence[Item]:
        criteria = query.to_criteria() if query else None
        return await self._items.list_after(item_id, limit, criteria)

    async def create(self, data: ItemCreate) -> Item:
        return await self._items.add(Item(**data.model_dump()))

    async def replace(
        self,
        item_id: int,
        data: ItemCreate,
        versions: Collection[int] | None = None,
    ) -> Item:
        return await self._update(item_id, data.model_dump(), versions)

    async def patch(
        self,
        item_id: int,
        data: ItemPatch,
        versions: Collection[int] | None = None,
    ) -> Item:
        return await self._update(item_id, data.model_dump(exclude_unset=True), versions)

    async def delete(
        self,
        item_id: int,
        versions: Collection[int] | None = None,
    ) -> None:
        row = await self._items.get_for_update(item_id, versions)
        await self._items.delete(row)

    async def _update(
        self,
        item_id: int,
        changes: Mapping[str, Any],
        versions: Collection[int] | None,
    ) -> Item:
        row = await self._items.get_for_update(item_id, versions)
        return await self._items.update(row, changes)
