"""Item exports."""

from typing import Annotated

from fastapi import Security

from app.api.deps import ReadSessionDep
from app.auth.deps import OwnedRowsDep
from app.files.exports import export_router
from app.repositories.item import ItemRepository
from app.schemas.item import ItemRead


async def get_item_rows(session: ReadSessionDep, owned: OwnedRowsDep) -> ItemRepository:
    return ItemRepository(session, owned)


ItemRows = Annotated[ItemRepository, Security(get_item_rows, scopes=["items:read"])]

router = export_router("items", ItemRows, ItemRead)
