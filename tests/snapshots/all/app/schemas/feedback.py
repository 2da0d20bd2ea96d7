"""Feedback on the wire."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import EmailStr, Field, computed_field, field_serializer, model_validator

from app.schemas.base import Date, Input, Output


class Topic(StrEnum):
    PRICE = "price"
    QUALITY = "quality"
    SERVICE = "service"


class FeedbackForm(Input):
    """What somebody thinks of a stay."""

    message: Annotated[str, Field(min_length=3, max_length=2000, examples=["Well done!"])]
    rating: Annotated[int, Field(ge=1, le=5)]
    email: EmailStr | None = None
    arrived: Date | None = None
    left: Date | None = None

    @model_validator(mode="after")
    def _left_after_arriving(self) -> Self:
        if self.arrived is not None and self.left is not None and self.left < self.arrived:
            raise ValueError("nobody leaves before arriving")
        return self


class FeedbackSource(Input):
    """Where a batch of forms comes from."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] = "en"


class FeedbackReceipt(Output):
    """What was received; the address stays inside."""

    id: UUID
    received_at: datetime
    topics: list[Topic]
    language: str
    rating: int
    shouting: float
    email: Annotated[str | None, Field(exclude=True)] = None

    @computed_field
    def needs_an_answer(self) -> bool:
        """Somebody is unhappy, and left an address."""
        return self.email is not None and (self.rating <= 2 or self.shouting > 0.5)

    @field_serializer("received_at")
    def _to_the_second(self, received_at: datetime) -> str:
        return received_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
