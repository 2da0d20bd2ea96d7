"""API keys: for programs that act for a user, and can do no more than they are made for."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, status

from app.api.access import KnownScopesDep
from app.api.dependencies.caller import InSessionDep
from app.api.dependencies.users import OwnKeysDep
from app.schemas.api_key import (
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyPage,
    ApiKeyQuery,
    ApiKeyRead,
)

router = APIRouter()

ApiKeyId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("")
async def list_api_keys(query: Annotated[ApiKeyQuery, Query()], keys: OwnKeysDep) -> ApiKeyPage:
    return ApiKeyPage.of(await keys.page(query), query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_api_key(
    data: ApiKeyCreate, caller: InSessionDep, keys: OwnKeysDep, known: KnownScopesDep
) -> ApiKeyCreated:
    """The key is in this answer, and never again."""
    row, key = await keys.create(data, caller, known)
    return ApiKeyCreated(**ApiKeyRead.model_validate(row).model_dump(), key=key)


@router.delete("/{key_id}", status_code=status.HTTP_204_NO_CONTENT)
async def revoke_api_key(key_id: ApiKeyId, keys: OwnKeysDep) -> None:
    await keys.revoke(key_id)
