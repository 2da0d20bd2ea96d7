"""Items."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status

from app.api.deps import CursorCodecDep, IfMatchDep, ReadSessionDep, SessionDep
from app.core.etag import set_etag, set_location
from app.repositories.item import ItemRepository
from app.schemas.item import (
    ItemCreate,
    ItemCursorPage,
    ItemCursorQuery,
    ItemPage,
    ItemPatch,
    ItemQuery,
    ItemRead,
)
from app.services.item import ItemService

router = APIRouter()


async def get_item_reads(session: ReadSessionDep) -> ItemService:
    return ItemService(ItemRepository(session))


async def get_item_writes(session: SessionDep) -> ItemService:
    return ItemService(ItemRepository(session))


ItemId = Annotated[int, Path(ge=1, le=2**63 - 1)]
ItemReads = Annotated[ItemService, Depends(get_item_reads)]
ItemWrites = Annotated[ItemService, Depends(get_item_writes)]


@router.get("")
async def list_items(query: Annotated[ItemQuery, Query()], items: ItemReads) -> ItemPage:
    return ItemPage.of(await items.page(query), query)


@router.get("/cursor")
async def list_items_by_cursor(
    query: Annotated[ItemCursorQuery, Query()], codec: CursorCodecDep, items: ItemReads
) -> ItemCursorPage:
    rows = await items.list_after(codec.decode(query.cursor), query.size + 1, query)
    return ItemCursorPage.of(rows, query.size, codec)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_item(
    data: ItemCreate, items: ItemWrites, request: Request, response: Response
) -> ItemRead:
    item = await items.create(data)
    set_location(request, response, item)
    return ItemRead.model_validate(item)


@router.get("/{item_id}")
async def read_item(item_id: ItemId, items: ItemReads, response: Response) -> ItemRead:
    item = await items.get(item_id)
    set_etag(response, item)
    return ItemRead.model_validate(item)


@router.put("/{item_id}")
async def replace_item(
    item_id: ItemId, data: ItemCreate, items: ItemWrites, versions: IfMatchDep, response: Response
) -> ItemRead:
    item = await items.update(item_id, data, versions)
    set_etag(response, item)
    return ItemRead.model_validate(item)


@router.patch("/{item_id}")
async def patch_item(
    item_id: ItemId, data: ItemPatch, items: ItemWrites, versions: IfMatchDep, response: Response
) -> ItemRead:
    item = await items.update(item_id, data, versions)
    set_etag(response, item)
    return ItemRead.model_validate(item)


@router.delete("/{item_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_item(item_id: ItemId, items: ItemWrites, versions: IfMatchDep) -> None:
    await items.delete(item_id, versions)
