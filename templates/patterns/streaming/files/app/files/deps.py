"""Dependencies of the routes of files. Without authentication, all clients share their files."""

from typing import Annotated

from fastapi import Depends

from app.files.store import FileStore
from app.lifespan import Connection


async def get_files(connection: Connection) -> FileStore:
    return connection.state["files"]


async def get_owner() -> str:
    return "everybody"


FilesDep = Annotated[FileStore, Depends(get_files)]
OwnerDep = Annotated[str, Depends(get_owner)]
