"""The two ways to the storage, for the rows of the caller; an admin has those of everyone.

The scopes that a route names with `Security(...)` are checked here.
"""

from typing import Annotated

from fastapi import Depends
from fastapi.security import SecurityScopes

from app.api.dependencies.caller import CallerDep
from app.api.dependencies.storage import ReadsDep as AllReads
from app.api.dependencies.storage import UnitDep as AllUnits
from app.core.storage import Reads, UnitOfWork


async def get_reads(needed: SecurityScopes, caller: CallerDep, reads: AllReads) -> Reads:
    caller.must_have(needed.scopes)
    return reads if caller.sees_everything else reads.scoped(owner_id=caller.user_id)


async def get_unit(needed: SecurityScopes, caller: CallerDep, unit: AllUnits) -> UnitOfWork:
    caller.must_have(needed.scopes)
    if caller.sees_everything:
        return unit.giving(owner_id=caller.user_id)
    return unit.scoped(owner_id=caller.user_id)


ReadsDep = Annotated[Reads, Depends(get_reads)]
UnitDep = Annotated[UnitOfWork, Depends(get_unit)]
