"""Whose a file is: of the user who has sent it."""

from typing import Annotated

from fastapi import Depends

from app.auth.deps import PrincipalDep
from app.core.files.owners import owner_name


async def get_owner(principal: PrincipalDep) -> str:
    return owner_name(principal.user_id)


OwnerDep = Annotated[str, Depends(get_owner)]
