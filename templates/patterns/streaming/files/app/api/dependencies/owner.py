"""The owner of files: one for all clients, without authentication."""

from typing import Annotated

from fastapi import Depends


async def get_owner() -> str:
    return "everybody"


OwnerDep = Annotated[str, Depends(get_owner)]
