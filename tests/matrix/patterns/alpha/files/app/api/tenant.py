"""The rows of one tenant."""

from typing import Annotated

from fastapi import Depends, Header

from app.core.query import RowScope

Tenant = Annotated[str, Header(alias="X-Tenant", max_length=40)]


async def get_tenant_rows(tenant: Tenant) -> RowScope:
    return RowScope.of(tenant=tenant)


TenantRowsDep = Annotated[RowScope, Depends(get_tenant_rows)]
