"""Files of users: whose they are, and that they go with them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.auth.context import AuthContext
from app.core.files.store import FileStore


def owner_name(user_id: int) -> str:
    """What the user is called among the owners of files."""
    return f"user-{user_id}"


class FileOwners:
    """Lets go of the files of users who are deleted."""

    def __init__(self, files: FileStore) -> None:
        self._files = files

    async def forget(self, user_id: int) -> None:
        await self._files.forget(owner_name(user_id))


@asynccontextmanager
async def open_owners(
    _settings: object, auth: AuthContext, files: FileStore
) -> AsyncGenerator[FileOwners]:
    """The owners of an application; from its start on it is known who is deleted."""
    owners = FileOwners(files)
    auth.on_user_deleted.append(owners.forget)
    yield owners
