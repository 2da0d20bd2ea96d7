"""Closes the sockets of sessions that have ended, in every process."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from sqlalchemy import Select, select

from app.auth.models import User, UserSession
from app.core.errors import AppError
from app.core.logging import get_logger
from app.db.session import ReadSession
from app.lifespan import State
from app.realtime.sockets import SESSION_ENDED, Member
from app.realtime.task_group import running

logger = get_logger(__name__)

CHECK_SECONDS = 1
"""Between two checks of all sessions: so long a socket may outlive its session."""
BATCH_SIZE = 1000


@asynccontextmanager
async def watch_sessions(state: State) -> AsyncGenerator[None]:
    """Check the sessions of the sockets of this process, beside the requests."""
    async with running(_watch(state)):
        yield


async def _watch(state: State) -> None:
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        try:
            await close_ended(state)
        except AppError:
            pass  # the database is unavailable: the next check follows
        except Exception:
            logger.exception("session_check_failed")


async def close_ended(state: State) -> None:
    """Close the sockets of this process whose session has ended."""
    clients, reads = [*state["rooms"].clients], state["database"].read_session()
    for start in range(0, len(clients), BATCH_SIZE):
        batch = clients[start : start + BATCH_SIZE]
        active = await active_members({client.member for client in batch}, reads)
        for client in batch:
            if client.member not in active:
                client.close(SESSION_ENDED)


async def active_members(members: Collection[Member], reads: ReadSession) -> Collection[Member]:
    """Those whose session exists. Users of an identity provider have none: they must be active."""
    sessions, users = select(UserSession.id), select(User.id).where(User.is_active)
    session_ids = {one.session_id for one in members if one.session_id is not None}
    user_ids = {one.user_id for one in members if one.session_id is None}
    active = await _existing(sessions, session_ids, reads)
    active_users = await _existing(users, user_ids, reads)
    return {
        one
        for one in members
        if (one.user_id in active_users if one.session_id is None else one.session_id in active)
    }


async def _existing(
    statement: Select[int], ids: Collection[int | None], reads: ReadSession
) -> Collection[int]:
    column = statement.selected_columns[0]
    return {*await reads.scalars(statement.where(column.in_(ids)))} if ids else set()
