"""The services of users, and of their passwords, sessions and API keys."""

from typing import Annotated

from fastapi import Depends

from app.api.dependencies.caller import InSessionDep
from app.api.dependencies.security import ToolsDep
from app.api.deps import ReadSessionDep, SessionDep
from app.core.query import RowScope
from app.repositories.api_key import ApiKeyRepository
from app.services.api_key import ApiKeyService
from app.services.password import PasswordService
from app.services.session import SessionService
from app.services.user import UserService


async def get_users(reads: ReadSessionDep, session: SessionDep, tools: ToolsDep) -> UserService:
    return UserService(reads, session, tools)


async def get_sessions(session: SessionDep, tools: ToolsDep) -> SessionService:
    return SessionService(session, tools)


async def get_passwords(reads: ReadSessionDep, tools: ToolsDep) -> PasswordService:
    return PasswordService(reads, tools)


async def get_own_keys(caller: InSessionDep, session: SessionDep, tools: ToolsDep) -> ApiKeyService:
    """For the keys of the caller; those of other users do not exist for it."""
    own = RowScope.of(user_id=caller.user_id)
    return ApiKeyService(ApiKeyRepository(session, own), tools)


UsersDep = Annotated[UserService, Depends(get_users)]
SessionsDep = Annotated[SessionService, Depends(get_sessions)]
PasswordsDep = Annotated[PasswordService, Depends(get_passwords)]
OwnKeysDep = Annotated[ApiKeyService, Depends(get_own_keys)]
