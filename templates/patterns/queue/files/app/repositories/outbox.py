"""Where tasks wait for the relay."""

from collections.abc import Sequence

from sqlalchemy import select

from app.core.repository import Query
from app.core.sql.transaction import Call
from app.core.storage import Repository
from app.models.outbox import OutboxMessage


class OutboxRepository(Repository[OutboxMessage]):
    model = OutboxMessage

    async def claim(self, limit: int) -> Sequence[OutboxMessage]:
        """The oldest that no other relay has in hand; nobody else gets them before the commit."""
        oldest = select(self._table).order_by(self._table.c.id).limit(limit)
        (found,) = await self._handle.run(Call(oldest.with_for_update(skip_locked=True), {}))
        return self._rows(found)

    async def forget(self, messages: Sequence[OutboxMessage]) -> None:
        if messages:
            await self.remove_all(Query(any_of={"id": [message.id for message in messages]}))
