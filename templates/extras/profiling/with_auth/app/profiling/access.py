"""Access to profiles: the token, and the credentials of an admin."""

from app.auth.deps import authenticate
from app.core.errors import Forbidden
from app.lifespan import Connection


async def check_access(connection: Connection) -> None:
    """Accept admins who have the token.

    Raises:
        Unauthorized: there are no valid credentials.
        Forbidden: they are not those of an admin.
    """
    principal = await authenticate(connection)
    if not principal.has_full_access:
        raise Forbidden("Profiles are for admins.")
