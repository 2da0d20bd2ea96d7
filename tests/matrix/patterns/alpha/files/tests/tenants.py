"""Somebody whose rows are there."""

import pytest

from app.core.storage import UnitOfWork


@pytest.fixture
def tenant_unit(unit: UnitOfWork) -> UnitOfWork:
    """A unit of work for the rows of one tenant."""
    return unit.scoped(tenant="the tenant of the tests")
