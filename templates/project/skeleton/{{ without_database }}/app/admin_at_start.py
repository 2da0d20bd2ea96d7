"""The first admin of a service that forgets its users at every end."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.lifespan import State
from app.schemas.user import UserCreate
from app.services.first_admin import make_admin


@asynccontextmanager
async def make_admin_at_start(state: State) -> AsyncGenerator[None]:
    """Make the admin of FIRST_ADMIN_EMAIL and FIRST_ADMIN_PASSWORD, if they are set."""
    settings, storage = state["settings"], state["storage"]
    email, password = settings.first_admin_email, settings.first_admin_password
    if email is not None and password is not None:
        await make_admin(settings, storage, UserCreate(email=email, password=password))
    yield
