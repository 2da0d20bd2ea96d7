"""The files of users: they are deleted with their user."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.auth.context import AuthContext
from app.files.store import FileStore


def owner_name(user_id: int) -> str:
    """The name of a user among the owners of files."""
    return f"user-{user_id}"


class FileOwners:
    """Deletes the files of deleted users."""

    def __init__(self, files: FileStore) -> None:
        self._files = files

    async def delete_files(self, user_id: int) -> None:
        await self._files.delete_all(owner_name(user_id))


@asynccontextmanager
async def open_owners(
    _settings: object, auth: AuthContext, files: FileStore
) -> AsyncGenerator[FileOwners]:
    """The owners of files of an application."""
    owners = FileOwners(files)
    auth.on_user_deleted.append(owners.delete_files)
    yield owners
