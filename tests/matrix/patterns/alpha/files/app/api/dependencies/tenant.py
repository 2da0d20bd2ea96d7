"""The two ways to the storage, for the rows of one tenant."""

from typing import Annotated

from fastapi import Depends, Header

from app.api.dependencies.storage import ReadsDep as AllReads
from app.api.dependencies.storage import UnitDep as AllUnits
from app.core.storage import Reads, UnitOfWork

Tenant = Annotated[str, Header(alias="X-Tenant", max_length=40)]


async def get_reads(reads: AllReads, tenant: Tenant) -> Reads:
    return reads.scoped(tenant=tenant)


async def get_unit(unit: AllUnits, tenant: Tenant) -> UnitOfWork:
    return unit.scoped(tenant=tenant)


ReadsDep = Annotated[Reads, Depends(get_reads)]
UnitDep = Annotated[UnitOfWork, Depends(get_unit)]
