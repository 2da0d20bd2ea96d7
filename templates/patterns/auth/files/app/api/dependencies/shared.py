"""The two ways to the storage, for rows that everybody who has signed in shares.

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
    return reads


async def get_unit(needed: SecurityScopes, caller: CallerDep, unit: AllUnits) -> UnitOfWork:
    caller.must_have(needed.scopes)
    return unit


ReadsDep = Annotated[Reads, Depends(get_reads)]
UnitDep = Annotated[UnitOfWork, Depends(get_unit)]
