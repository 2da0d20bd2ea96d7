"""The services of users, of their passwords, sessions and keys."""

from typing import Annotated

from fastapi import Depends

from app.api.dependencies.caller import InSessionDep
from app.api.dependencies.security import ToolsDep
from app.api.dependencies.storage import ReadsDep, UnitDep
from app.repositories.api_key import ApiKeyRepository
from app.services.api_key import ApiKeyService
from app.services.password import PasswordService
from app.services.session import SessionService
from app.services.user import UserService


async def get_users(reads: ReadsDep, unit: UnitDep, tools: ToolsDep) -> UserService:
    return UserService(reads, unit, tools)


async def get_sessions(unit: UnitDep, tools: ToolsDep) -> SessionService:
    return SessionService(unit, tools)


async def get_passwords(reads: ReadsDep, tools: ToolsDep) -> PasswordService:
    return PasswordService(reads, tools)


async def get_own_keys(caller: InSessionDep, unit: UnitDep, tools: ToolsDep) -> ApiKeyService:
    """For the keys of the caller; those of others are not there."""
    return ApiKeyService(ApiKeyRepository(unit.scoped(user_id=caller.user_id)), tools)


UsersDep = Annotated[UserService, Depends(get_users)]
SessionsDep = Annotated[SessionService, Depends(get_sessions)]
PasswordsDep = Annotated[PasswordService, Depends(get_passwords)]
OwnKeysDep = Annotated[ApiKeyService, Depends(get_own_keys)]
