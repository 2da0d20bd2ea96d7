"""Items."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, Security, status

from app.api.deps import CursorCodecDep, IfMatchDep, ReadSessionDep, SessionDep
from app.auth.deps import OwnedRowsDep
from app.cache.routes import cached
from app.core.etag import set_etag, set_location
from app.models.item import Item
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


async def get_item_reads(session: ReadSessionDep, owned: OwnedRowsDep) -> ItemService:
    return ItemService(ItemRepository(session, owned))


async def get_item_writes(session: SessionDep, owned: OwnedRowsDep) -> ItemService:
    return ItemService(ItemRepository(session, owned))


ItemId = Annotated[int, Path(ge=1, le=2**63 - 1)]
ItemReads = Annotated[ItemService, Security(get_item_reads, scopes=["items:read"])]
ItemWrites = Annotated[ItemService, Security(get_item_writes, scopes=["items:write"])]


@router.get("")
@cached(Item)
async def list_items(
    request: Request, query: Annotated[ItemQuery, Query()], items: ItemReads
) -> ItemPage:
    return ItemPage.of(await items.page(query), query)


@router.get("/cursor")
@cached(Item)
async def list_items_by_cursor(
    request: Request,
    query: Annotated[ItemCursorQuery, Query()],
    codec: CursorCodecDep,
    items: ItemReads,
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
@cached(Item)
async def read_item(
    request: Request, item_id: ItemId, items: ItemReads, response: Response
) -> ItemRead:
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
