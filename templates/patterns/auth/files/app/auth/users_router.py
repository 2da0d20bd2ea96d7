"""Users: their own account, and all users for admins."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, status

from app.api.deps import ReadSessionDep, SessionDep
from app.auth.deps import ADMINS_ONLY, AnyPrincipalDep, AuthDep, PrincipalDep
from app.auth.schemas import UserPage, UserPatch, UserQuery, UserRead
from app.auth.users import UserService

router = APIRouter()


async def get_users(reads: ReadSessionDep, session: SessionDep, auth: AuthDep) -> UserService:
    return UserService(reads, session, auth)


UserId = Annotated[int, Path(ge=1, le=2**63 - 1)]
UsersDep = Annotated[UserService, Depends(get_users)]


@router.get("/me")
async def read_me(principal: AnyPrincipalDep, users: UsersDep) -> UserRead:
    return UserRead.model_validate(await users.get(principal.user_id))


@router.delete("/me", status_code=status.HTTP_204_NO_CONTENT)
async def delete_me(principal: PrincipalDep, users: UsersDep) -> None:
    """Delete the user and everything that it owns."""
    await users.delete(principal.user_id, principal)


@router.get("", dependencies=ADMINS_ONLY)
async def list_users(query: Annotated[UserQuery, Query()], users: UsersDep) -> UserPage:
    return UserPage.of(await users.page(query), query)


@router.patch("/{user_id}", dependencies=ADMINS_ONLY)
async def patch_user(
    user_id: UserId, data: UserPatch, principal: PrincipalDep, users: UsersDep
) -> UserRead:
    """A new role or state ends the sessions of the user."""
    return UserRead.model_validate(await users.patch(user_id, data, principal))


@router.delete("/{user_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=ADMINS_ONLY)
async def delete_user(user_id: UserId, principal: PrincipalDep, users: UsersDep) -> None:
    """Delete the user and everything that it owns."""
    await users.delete(user_id, principal)
