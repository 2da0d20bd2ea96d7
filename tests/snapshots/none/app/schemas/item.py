"""Item schemas."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.models.item import ItemStatus
from app.schemas.base import Amount, Input, Output, none_of
from app.schemas.pagination import CursorPage, Filters, ListQuery, Page

ItemName = Annotated[str, Field(min_length=1, max_length=80), none_of("admin", "root")]
ItemDescription = Annotated[str, Field(max_length=500)]
ItemPrice = Annotated[Amount, Field(ge=0, max_digits=12, decimal_places=2)]
ItemSort = Literal["name", "-name", "price", "-price", "created_at", "-created_at", "id", "-id"]


class ItemCreate(Input):
    name: ItemName
    description: ItemDescription | None = None
    price: ItemPrice
    status: ItemStatus = ItemStatus.DRAFT


class ItemPatch(Input):
    """Only the fields that are sent change; null clears an optional field."""

    name: ItemName | MISSING = MISSING
    description: ItemDescription | MISSING | None = MISSING
    price: ItemPrice | MISSING = MISSING
    status: ItemStatus | MISSING = MISSING


class ItemRead(Output):
    id: int
    name: str
    description: str | None
    price: Decimal
    status: ItemStatus
    created_at: datetime
    updated_at: datetime


class ItemQuery(ListQuery):
    sort: ItemSort = "-created_at"
    status: list[ItemStatus] = []

    def filters(self) -> Filters:
        return {
            "status": self.status,
        }


class ItemPage(Page[ItemRead]):
    pass


class ItemCursorPage(CursorPage[ItemRead]):
    pass
