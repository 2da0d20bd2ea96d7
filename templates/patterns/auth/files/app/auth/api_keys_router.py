"""API keys: for programs that act for a user, limited by scopes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, status

from app.api.deps import SessionDep
from app.auth.access import KnownScopesDep
from app.auth.api_keys import ApiKeyService
from app.auth.deps import AuthDep, PrincipalDep, set_no_store
from app.auth.repository import ApiKeyRepository
from app.auth.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyPage, ApiKeyQuery, ApiKeyRead
from app.core.query import RowScope

router = APIRouter(dependencies=[Depends(set_no_store)])


async def get_own_keys(
    principal: PrincipalDep, session: SessionDep, auth: AuthDep
) -> ApiKeyService:
    own = RowScope.of(user_id=principal.user_id)
    return ApiKeyService(ApiKeyRepository(session, own), auth)


ApiKeyId = Annotated[int, Path(ge=1, le=2**63 - 1)]
OwnKeysDep = Annotated[ApiKeyService, Depends(get_own_keys)]


@router.get("")
async def list_api_keys(query: Annotated[ApiKeyQuery, Query()], keys: OwnKeysDep) -> ApiKeyPage:
    return ApiKeyPage.of(await keys.page(query), query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_api_key(
    data: ApiKeyCreate, principal: PrincipalDep, keys: OwnKeysDep, known: KnownScopesDep
) -> ApiKeyCreated:
    """The key is in this response only."""
    row, key = await keys.create(data, principal, known)
    return ApiKeyCreated(**ApiKeyRead.model_validate(row).model_dump(), key=key)


@router.delete("/{key_id}", status_code=status.HTTP_204_NO_CONTENT)
async def revoke_api_key(key_id: ApiKeyId, keys: OwnKeysDep) -> None:
    await keys.revoke(key_id)
