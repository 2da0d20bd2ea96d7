"""Item schemas."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.core.query import Filter
from app.models.item import ItemStatus
from app.schemas.base import DecimalNumber, Input, Output, none_of, with_places
from app.schemas.pagination import CursorPage, CursorQuery, ListFilter, ListQuery, Page

ItemName = Annotated[str, Field(min_length=1, max_length=80), none_of("admin", "root")]
ItemDescription = Annotated[str, Field(max_length=500)]
ItemPrice = Annotated[DecimalNumber, Field(ge=0, max_digits=12, decimal_places=2)]
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
    price: Annotated[Decimal, with_places(2)]
    status: ItemStatus
    created_at: datetime
    updated_at: datetime


class ItemFilter(ListFilter):
    description_is_null: bool | None = None
    price_min: ItemPrice | None = None
    price_max: ItemPrice | None = None
    status: list[ItemStatus] = []

    def filters(self) -> list[Filter]:
        return [
            *super().filters(),
            Filter("description", "is_null", self.description_is_null),
            Filter("price", "ge", self.price_min),
            Filter("price", "le", self.price_max),
            Filter("status", "in", self.status),
        ]


class ItemQuery(ItemFilter, ListQuery):
    sort: ItemSort = "-created_at"


class ItemCursorQuery(ItemFilter, CursorQuery):
    pass


ItemPage = Page[ItemRead]
ItemCursorPage = CursorPage[ItemRead]
