"""Access to profiles: the service has no users, so the token is enough."""

from app.lifespan import Connection


async def check_access(connection: Connection) -> None:
    """Accept everybody who has the token."""
