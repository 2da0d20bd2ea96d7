"""The item model."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.memory.base import Row


class ItemStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Row):
    name: str
    description: str | None
    price: Decimal
    status: ItemStatus
