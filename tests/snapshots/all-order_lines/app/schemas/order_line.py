"""Order line schemas."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import MISSING, Field, StrictInt

from app.models.order_line import OrderLineState
from app.schemas.base import Amount, Input, Output, none_of
from app.schemas.pagination import CursorPage, Filters, ListQuery, Page

OrderLineLabel = Annotated[str, Field(max_length=40), none_of("none")]
OrderLineAmount = Annotated[StrictInt, Field(ge=1, le=2**63 - 1)]
OrderLinePrice = Annotated[Amount, Field(ge=0, max_digits=12, decimal_places=2)]
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
    price: Decimal
    state: OrderLineState
    note: str | None
    created_at: datetime
    updated_at: datetime


class OrderLineQuery(ListQuery):
    sort: OrderLineSort = "-created_at"
    state: list[OrderLineState] = []

    def filters(self) -> Filters:
        return {
            "state": self.state,
        }


class OrderLinePage(Page[OrderLineRead]):
    pass


class OrderLineCursorPage(CursorPage[OrderLineRead]):
    pass
