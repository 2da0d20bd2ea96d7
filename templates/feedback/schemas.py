"""Feedback schemas."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import EmailStr, Field, computed_field, field_serializer

from app.schemas.base import Input, Output


class Topic(StrEnum):
    PRICE = "price"
    QUALITY = "quality"
    SERVICE = "service"


class FeedbackForm(Input):
    """The opinion of a visitor."""

    message: Annotated[str, Field(min_length=3, max_length=2000, examples=["Well done!"])]
    rating: Annotated[int, Field(ge=1, le=5)]
    email: EmailStr | None = None


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
