"""API keys on the wire. A key is shown once, when it is made."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.schemas.base import DateTime, Input, Output
from app.schemas.pagination import ListQuery, Page

Scope = Annotated[str, Field(min_length=1, max_length=80)]
ApiKeySort = Literal["name", "-name", "created_at", "-created_at", "id", "-id"]


class ApiKeyCreate(Input):
    name: Annotated[str, Field(min_length=1, max_length=80, examples=["reports"])]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=100)]
    expires_at: DateTime | None = None


class ApiKeyRead(Output):
    id: int
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class ApiKeyCreated(ApiKeyRead):
    key: str


class ApiKeyQuery(ListQuery):
    sort: ApiKeySort = "-created_at"


class ApiKeyPage(Page[ApiKeyRead]):
    pass
