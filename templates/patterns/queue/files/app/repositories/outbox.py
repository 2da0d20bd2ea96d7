"""Outbox queries."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from app.db.repository import Repository
from app.models.outbox import OutboxMessage


class OutboxRepository(Repository[OutboxMessage]):
    model = OutboxMessage

    async def claim(self, limit: int) -> Sequence[OutboxMessage]:
        """The oldest messages that no other relay has locked; locked until the commit."""
        oldest = select(OutboxMessage).order_by(OutboxMessage.id).limit(limit)
        return (await self.session.scalars(oldest.with_for_update(skip_locked=True))).all()

    async def delete_all(self, messages: Sequence[OutboxMessage]) -> None:
        ids = [message.id for message in messages]
        await self.session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)))
