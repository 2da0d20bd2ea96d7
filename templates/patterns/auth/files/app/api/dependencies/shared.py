"""The rows that all users share.

The scopes that a route names with `Security(...)` are checked here.
"""

from typing import Annotated

from fastapi import Depends
from fastapi.security import SecurityScopes

from app.api.dependencies.caller import CallerDep
from app.core.query import RowScope


async def get_shared_rows(needed: SecurityScopes, caller: CallerDep) -> RowScope:
    caller.must_have(needed.scopes)
    return RowScope()


SharedRowsDep = Annotated[RowScope, Depends(get_shared_rows)]
