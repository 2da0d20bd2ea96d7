"""Feedback schemas."""

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
    """The opinion of a guest about a stay."""

    message: Annotated[str, Field(min_length=3, max_length=2000, examples=["Well done!"])]
    rating: Annotated[int, Field(ge=1, le=5)]
    email: EmailStr | None = None
    arrived: Date | None = None
    left: Date | None = None

    @model_validator(mode="after")
    def _left_after_arriving(self) -> Self:
        if self.arrived is not None and self.left is not None and self.left < self.arrived:
            raise ValueError("must not be before `arrived`")
        return self


class FeedbackReceipt(Output):
    """A confirmation. It does not contain the address."""

    id: UUID
    received_at: datetime
    topics: list[Topic]
    language: str
    rating: int
    email: Annotated[str | None, Field(exclude=True)] = None

    @computed_field
    def needs_an_answer(self) -> bool:
        return self.email is not None and self.rating <= 2

    @field_serializer("received_at")
    def _to_the_second(self, received_at: datetime) -> str:
        return received_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
