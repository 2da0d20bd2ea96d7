"""Creates the first admin, whom no other admin can appoint."""

from app.core.security.caller import Role
from app.core.security.tools import open_security
from app.db.database import Database
from app.models.user import User
from app.repositories.session import SessionRepository
from app.repositories.user import UserRepository
from app.schemas.user import UserCreate
from app.services.user import UserService
from app.settings import Settings


async def make_admin(settings: Settings, database: Database, data: UserCreate) -> User:
    """Add an admin; a user with this address becomes one, and keeps the password."""
    reads = database.read_session()
    async with open_security(settings) as tools, database.session() as session:
        known = await UserRepository(reads).get_by_email(data.email)
        if known is None:
            return await UserService(reads, session, tools).create(data, Role.ADMIN)
        await SessionRepository(session).end_all(known.id)
        users = UserRepository(session)
        return await users.update(await users.get_for_update(known.id), {"role": Role.ADMIN})
