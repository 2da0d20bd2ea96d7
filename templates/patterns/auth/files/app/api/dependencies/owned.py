"""The rows of the caller; an admin has those of all users.

The scopes that a route names with `Security(...)` are checked here.
"""

from typing import Annotated

from fastapi import Depends
from fastapi.security import SecurityScopes

from app.api.dependencies.caller import CallerDep
from app.core.query import RowScope


async def get_owned_rows(needed: SecurityScopes, caller: CallerDep) -> RowScope:
    caller.must_have(needed.scopes)
    if caller.sees_everything:
        return RowScope.with_defaults(owner_id=caller.user_id)
    return RowScope.of(owner_id=caller.user_id)


OwnedRowsDep = Annotated[RowScope, Depends(get_owned_rows)]
