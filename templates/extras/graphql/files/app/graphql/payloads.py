"""Requests and responses of GraphQL over HTTP."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, JsonValue

from app.core.problems import FieldError
from app.schemas.base import Input


class GraphQLRequest(Input):
    """One operation: a list of several is refused."""

    query: Annotated[str, Field(max_length=20_000, examples=["{ version }"])]
    variables: dict[str, JsonValue] | None = None
    operation_name: Annotated[str | None, Field(max_length=200, alias="operationName")] = None
    extensions: dict[str, JsonValue] | None = None
    """Clients send it; it has no effect."""


class ErrorExtensions(BaseModel):
    code: str = Field(examples=["not_found"])
    errors: list[FieldError] = []
    """With `validation_error` only."""


class GraphQLFault(BaseModel):
    message: str
    path: list[str | int] = []
    locations: list[dict[str, int]] = []
    extensions: ErrorExtensions


class GraphQLResponse(BaseModel):
    data: dict[str, Any] | None = None
    errors: list[GraphQLFault] = []
