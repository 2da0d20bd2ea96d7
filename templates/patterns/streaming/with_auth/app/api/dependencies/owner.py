"""Whose a file is: of the user who has sent it."""

from typing import Annotated

from fastapi import Depends

from app.api.dependencies.caller import CallerDep
from app.core.files.owners import owner_name


async def get_owner(caller: CallerDep) -> str:
    return owner_name(caller.user_id)


OwnerDep = Annotated[str, Depends(get_owner)]
