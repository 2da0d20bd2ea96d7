"""Order line schemas."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import MISSING, Field, StrictInt

from app.core.query import Filter
from app.models.order_line import OrderLineState
from app.schemas.base import DecimalNumber, Input, Int64, Output, none_of, with_places
from app.schemas.pagination import CursorPage, CursorQuery, ListFilter, ListQuery, Page

OrderLineLabel = Annotated[str, Field(max_length=40), none_of("none")]
OrderLineAmount = Annotated[StrictInt, Field(ge=1, le=2**63 - 1)]
OrderLinePrice = Annotated[DecimalNumber, Field(ge=0, max_digits=12, decimal_places=2)]
OrderLineNote = Annotated[str, Field(max_length=10_000)]
OrderLineSort = Literal[
    "label",
    "-label",
    "amount",
    "-amount",
    "price",
    "-price",
    "created_at",
    "-created_at",
    "id",
    "-id",
]


class OrderLineCreate(Input):
    label: OrderLineLabel
    amount: OrderLineAmount = 1
    price: OrderLinePrice
    state: OrderLineState = OrderLineState.NEW
    note: OrderLineNote | None = None


class OrderLinePatch(Input):
    """Only the fields that are sent change; null clears an optional field."""

    label: OrderLineLabel | MISSING = MISSING
    amount: OrderLineAmount | MISSING = MISSING
    price: OrderLinePrice | MISSING = MISSING
    state: OrderLineState | MISSING = MISSING
    note: OrderLineNote | MISSING | None = MISSING


class OrderLineRead(Output):
    id: int
    label: str
    amount: int
    price: Annotated[Decimal, with_places(2)]
    state: OrderLineState
    note: str | None
    created_at: datetime
    updated_at: datetime


class OrderLineFilter(ListFilter):
    amount_min: Int64 | None = None
    amount_max: Int64 | None = None
    price_min: OrderLinePrice | None = None
    price_max: OrderLinePrice | None = None
    state: list[OrderLineState] = []
    note_is_null: bool | None = None

    def filters(self) -> list[Filter]:
        return [
            *super().filters(),
            Filter("amount", "ge", self.amount_min),
            Filter("amount", "le", self.amount_max),
            Filter("price", "ge", self.price_min),
            Filter("price", "le", self.price_max),
            Filter("state", "in", self.state),
            Filter("note", "is_null", self.note_is_null),
        ]


class OrderLineQuery(OrderLineFilter, ListQuery):
    sort: OrderLineSort = "-created_at"


class OrderLineCursorQuery(OrderLineFilter, CursorQuery):
    pass


OrderLinePage = Page[OrderLineRead]
OrderLineCursorPage = CursorPage[OrderLineRead]
