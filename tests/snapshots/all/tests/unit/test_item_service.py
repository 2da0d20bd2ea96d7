"""Item business logic, without HTTP."""

from typing import Any

import pytest

from app.core.errors import NotFound, PreconditionFailed
from app.core.query import RowScope
from app.db.session import Session
from app.repositories.item import ItemRepository
from app.schemas.item import ItemCreate, ItemCursorQuery, ItemPatch, ItemQuery
from app.services.item import ItemService
from tests.factories.item import item_data

OTHER = {"name": "two"}


def new(**changes: Any) -> ItemCreate:
    return ItemCreate.model_validate(item_data(**changes))


@pytest.fixture
def service(session: Session, owned_rows: RowScope) -> ItemService:
    return ItemService(ItemRepository(session, owned_rows))


async def test_a_new_row_has_an_id_a_version_and_times(service: ItemService) -> None:
    created = await service.create(new())

    assert (created.id, created.version) == (1, 1)
    assert created.created_at == created.updated_at
    assert await service.get(created.id) == created


async def test_a_missing_row_is_not_found(service: ItemService) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        await service.get(1)
    with pytest.raises(NotFound, match="does not exist"):
        await service.update(1, new())
    with pytest.raises(NotFound, match="does not exist"):
        await service.delete(1)


async def test_a_write_checks_the_version(service: ItemService) -> None:
    created = await service.create(new())

    changed = await service.update(created.id, new(**OTHER), versions={1})

    assert changed.version == 2
    with pytest.raises(PreconditionFailed, match="lacks the current ETag"):
        await service.update(created.id, ItemPatch(), versions={1})
    with pytest.raises(PreconditionFailed, match="lacks the current ETag"):
        await service.delete(created.id, versions={1})


async def test_pages(service: ItemService) -> None:
    all_three = [await service.create(new()) for _ in range(3)]

    found = await service.page(ItemQuery(sort="-id", page=1, size=2))

    assert found.total == 3
    assert found.rows == [all_three[2], all_three[1]]
    later = await service.list_after(all_three[0].id, 10, ItemCursorQuery())
    assert later == all_three[1:]
