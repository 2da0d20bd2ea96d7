"""Session queries."""

from datetime import datetime

from sqlalchemy import delete

from app.core.errors import NotFound
from app.db.repository import Repository
from app.models.session import UserSession


class SessionRepository(Repository[UserSession]):
    model = UserSession

    async def get_by_handle(self, handle: str, *, for_update: bool = False) -> UserSession | None:
        """The session with this claim `sid`, unless it has ended."""
        get = self.get_for_update if for_update else self.get
        try:
            row = await get(int(handle.partition("-")[0]))
        except (NotFound, ValueError):
            return None
        return row if row.handle == handle else None

    async def end(self, session_id: int) -> None:
        """End a session, unless it has ended."""
        await self.session.execute(delete(UserSession).where(UserSession.id == session_id))

    async def end_all(self, user_id: int) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.user_id == user_id))

    async def delete_expired(self, user_id: int, now: datetime) -> None:
        expired = UserSession.user_id == user_id, UserSession.expires_at < now
        await self.session.execute(delete(UserSession).where(*expired))
