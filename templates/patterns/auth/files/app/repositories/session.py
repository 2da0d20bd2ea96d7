"""Where sessions are kept."""

from datetime import datetime

from app.core.errors import NotFound
from app.core.repository import Query
from app.core.storage import Repository
from app.models.session import Session


class SessionRepository(Repository[Session]):
    model = Session

    async def with_handle(self, handle: str) -> Session | None:
        """The session that tokens call `handle`, unless it has ended."""
        row_id = handle.partition("-")[0]
        try:
            session = await self.get(int(row_id))
        except (NotFound, ValueError):
            return None
        return session if session.handle == handle else None

    async def end_all(self, user_id: int) -> None:
        await self.remove_all(Query(any_of={"user_id": [user_id]}))

    async def forget_expired(self, user_id: int, now: datetime) -> None:
        await self.remove_all(Query(any_of={"user_id": [user_id]}, below={"expires_at": now}))
