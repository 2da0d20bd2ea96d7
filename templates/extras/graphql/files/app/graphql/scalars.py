"""Scalars that GraphQL lacks."""

from typing import NewType

from strawberry import scalar
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

Int64 = NewType("Int64", int)
"""An integer of 64 bits: those of `Int` have 32."""


def _parse(value: object) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise StrawberryInputCoercionError("Expected an integer of 64 bits.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Int64: scalar(
        name="Int64",
        description="An integer of 64 bits, as a JSON number.",
        serialize=int,
        parse_value=_parse,
    ),
}
