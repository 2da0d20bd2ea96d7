"""The first admin, whom nobody can appoint from within."""

from app.core.security.caller import Role
from app.core.security.tools import open_security
from app.core.storage import Storage
from app.models.user import User
from app.repositories.session import SessionRepository
from app.repositories.user import UserRepository
from app.schemas.user import UserCreate
from app.services.user import UserService
from app.settings import Settings


async def make_admin(settings: Settings, storage: Storage, data: UserCreate) -> User:
    """Add an admin; a user with this address becomes one, and keeps the password."""
    async with open_security(settings) as tools, storage.unit() as unit:
        known = await UserRepository(storage.reads).with_email(data.email)
        if known is None:
            return await UserService(storage.reads, unit, tools).create(data, Role.ADMIN)
        await SessionRepository(unit).end_all(known.id)
        return await UserRepository(unit).update(known.id, {"role": Role.ADMIN})
