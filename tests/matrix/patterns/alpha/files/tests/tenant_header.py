"""The tenant of the tests."""

import pytest

from app.core.query import RowScope


@pytest.fixture
def tenant_rows() -> RowScope:
    """The rows of one tenant."""
    return RowScope.of(tenant="the tenant of the tests")
