"""Whose a file is: of the user who has sent it."""

from typing import Annotated

from fastapi import Depends

from app.api.dependencies.caller import CallerDep


async def get_owner(caller: CallerDep) -> str:
    return f"user-{caller.user_id}"


OwnerDep = Annotated[str, Depends(get_owner)]
