"""Where tasks wait for the relay."""

from collections.abc import Sequence

from app.core.repository import Query
from app.core.storage import Repository
from app.models.outbox import OutboxMessage


class OutboxRepository(Repository[OutboxMessage]):
    model = OutboxMessage
    outlives_process = False

    async def claim(self, limit: int) -> Sequence[OutboxMessage]:
        """The oldest; there is one relay in the process."""
        return await self.after(0, limit)

    async def forget(self, messages: Sequence[OutboxMessage]) -> None:
        if messages:
            await self.remove_all(Query(any_of={"id": [message.id for message in messages]}))
