"""The first admin of a service that forgets its users at every end."""

from app.core.storage import Storage
from app.schemas.user import UserCreate
from app.services.first_admin import make_admin
from app.settings import Settings


async def make_admin_at_start(settings: Settings, storage: Storage) -> None:
    """Make the admin of FIRST_ADMIN_EMAIL and FIRST_ADMIN_PASSWORD, if they are set."""
    email, password = settings.first_admin_email, settings.first_admin_password
    if email is not None and password is not None:
        await make_admin(settings, storage, UserCreate(email=email, password=password))
