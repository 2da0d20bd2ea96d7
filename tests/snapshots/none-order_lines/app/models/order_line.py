"""The order line model."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.memory.base import Row


class OrderLineState(StrEnum):
    NEW = "new"
    PAID = "paid"
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine(Row):
    label: str
    amount: int
    price: Decimal
    state: OrderLineState
    note: str | None
