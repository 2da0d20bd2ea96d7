"""Items."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, status

from app.api.dependencies.conditional import WantedVersions
from app.api.dependencies.items import ItemReads, ItemWrites
from app.api.dependencies.pagination import WalkDep
from app.core.cache.routes import cached
from app.core.row_headers import tell_created, tell_version
from app.models.item import Item
from app.schemas.item import ItemCreate, ItemCursorPage, ItemPage, ItemPatch, ItemQuery, ItemRead

router = APIRouter()

ItemId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("")
@cached(Item)
async def list_items(
    query: Annotated[ItemQuery, Query()],
    items: ItemReads,
) -> ItemPage:
    found = await items.page(query)
    return ItemPage.of(found, query)


@router.get("/cursor")
@cached(Item)
async def walk_items(walk: WalkDep, items: ItemReads) -> ItemCursorPage:
    rows = await items.after(walk.after, walk.limit)
    return ItemCursorPage.model_validate(walk.page(rows))


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_item(
    data: ItemCreate,
    items: ItemWrites,
    request: Request,
    response: Response,
) -> ItemRead:
    item = await items.create(data)
    tell_created(request, response, item)
    return ItemRead.model_validate(item)


@router.get("/{item_id}")
@cached(Item)
async def read_item(
    item_id: ItemId,
    items: ItemReads,
    response: Response,
) -> ItemRead:
    item = await items.get(item_id)
    tell_version(response, item)
    return ItemRead.model_validate(item)


@router.put("/{item_id}")
async def replace_item(
    item_id: ItemId,
    data: ItemCreate,
    items: ItemWrites,
    versions: WantedVersions,
    response: Response,
) -> ItemRead:
    item = await items.replace(item_id, data, versions)
    tell_version(response, item)
    return ItemRead.model_validate(item)


@router.patch("/{item_id}")
async def patch_item(
    item_id: ItemId,
    data: ItemPatch,
    items: ItemWrites,
    versions: WantedVersions,
    response: Response,
) -> ItemRead:
    item = await items.patch(item_id, data, versions)
    tell_version(response, item)
    return ItemRead.model_validate(item)


@router.delete("/{item_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_item(
    item_id: ItemId,
    items: ItemWrites,
    versions: WantedVersions,
) -> None:
    await items.delete(item_id, versions)
