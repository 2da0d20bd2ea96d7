"""Arguments, validated by the schemas of the API."""

from typing import Annotated, Any, TypeVar

import strawberry
from pydantic import BaseModel, Field, TypeAdapter

SchemaT = TypeVar("SchemaT", bound=BaseModel)
ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)

RowId = Annotated[strawberry.ID, strawberry.argument(name="id")]


class _Identified(BaseModel):
    id: Annotated[int, Field(ge=1, le=2**63 - 1)]


def to_schema(schema: type[SchemaT], data: object = None, **arguments: object) -> SchemaT:
    """The schema filled with the fields of an input that were sent, and with further arguments.

    Raises:
        ValidationError: a value is not valid.
    """
    sent: dict[str, Any] = {**(vars(data) if data else {}), **arguments}
    values = {name: value for name, value in sent.items() if value is not strawberry.UNSET}
    return schema.model_validate(ANYTHING.dump_python(values, mode="json"))


def to_row_id(value: strawberry.ID) -> int:
    """The id of a row.

    Raises:
        ValidationError: no row can have this id.
    """
    return _Identified.model_validate({"id": value}).id
