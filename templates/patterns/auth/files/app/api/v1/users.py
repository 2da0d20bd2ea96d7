"""Users: oneself for everybody, all of them for admins."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, status

from app.api.dependencies.caller import ADMINS_ONLY, CallerDep, InSessionDep
from app.api.dependencies.users import UsersDep
from app.schemas.user import UserPage, UserPatch, UserQuery, UserRead

router = APIRouter()

UserId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/me")
async def read_me(caller: CallerDep, users: UsersDep) -> UserRead:
    return UserRead.model_validate(await users.get(caller.user_id))


@router.delete("/me", status_code=status.HTTP_204_NO_CONTENT)
async def delete_me(caller: InSessionDep, users: UsersDep) -> None:
    """Everything that belongs to the user goes too."""
    await users.delete(caller.user_id, caller)


@router.get("", dependencies=ADMINS_ONLY)
async def list_users(query: Annotated[UserQuery, Query()], users: UsersDep) -> UserPage:
    return UserPage.of(await users.page(query), query)


@router.patch("/{user_id}", dependencies=ADMINS_ONLY)
async def patch_user(
    user_id: UserId, data: UserPatch, caller: InSessionDep, users: UsersDep
) -> UserRead:
    """A new role or state ends the sessions of the user."""
    return UserRead.model_validate(await users.patch(user_id, data, caller))


@router.delete("/{user_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=ADMINS_ONLY)
async def delete_user(user_id: UserId, caller: InSessionDep, users: UsersDep) -> None:
    """Everything that belongs to the user goes too."""
    await users.delete(user_id, caller)
