"""The owner of files: the user who uploaded them."""

from typing import Annotated

from fastapi import Depends

from app.auth.deps import PrincipalDep
from app.files.owners import owner_name


async def get_owner(principal: PrincipalDep) -> str:
    return owner_name(principal.user_id)


OwnerDep = Annotated[str, Depends(get_owner)]
