"""Whose a file is: of everybody, since nobody signs in."""

from typing import Annotated

from fastapi import Depends


async def get_owner() -> str:
    return "everybody"


OwnerDep = Annotated[str, Depends(get_owner)]
