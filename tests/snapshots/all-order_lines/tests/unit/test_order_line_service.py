"""Order line business logic, without HTTP."""

from typing import Any

import pytest

from app.core.errors import NotFound, PreconditionFailed
from app.core.query import RowScope
from app.db.session import Session
from app.repositories.order_line import OrderLineRepository
from app.schemas.order_line import (
    OrderLineCreate,
    OrderLineCursorQuery,
    OrderLinePatch,
    OrderLineQuery,
)
from app.services.order_line import OrderLineService
from tests.factories.order_line import order_line_data

OTHER = {"label": "two"}


def new(**changes: Any) -> OrderLineCreate:
    return OrderLineCreate.model_validate(order_line_data(**changes))


@pytest.fixture
def service(session: Session, owned_rows: RowScope) -> OrderLineService:
    return OrderLineService(OrderLineRepository(session, owned_rows))


async def test_a_new_row_has_an_id_a_version_and_times(service: OrderLineService) -> None:
    created = await service.create(new())

    assert (created.id, created.version) == (1, 1)
    assert created.created_at == created.updated_at
    assert await service.get(created.id) == created


async def test_a_missing_row_is_not_found(service: OrderLineService) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        await service.get(1)
    with pytest.raises(NotFound, match="does not exist"):
        await service.update(1, new())
    with pytest.raises(NotFound, match="does not exist"):
        await service.delete(1)


async def test_a_write_checks_the_version(service: OrderLineService) -> None:
    created = await service.create(new())

    changed = await service.update(created.id, new(**OTHER), versions={1})

    assert changed.version == 2
    with pytest.raises(PreconditionFailed, match="lacks the current ETag"):
        await service.update(created.id, OrderLinePatch(), versions={1})
    with pytest.raises(PreconditionFailed, match="lacks the current ETag"):
        await service.delete(created.id, versions={1})


async def test_pages(service: OrderLineService) -> None:
    all_three = [await service.create(new()) for _ in range(3)]

    found = await service.page(OrderLineQuery(sort="-id", page=1, size=2))

    assert found.total == 3
    assert found.rows == [all_three[2], all_three[1]]
    later = await service.list_after(all_three[0].id, 10, OrderLineCursorQuery())
    assert later == all_three[1:]
