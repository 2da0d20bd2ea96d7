"""Where files are kept."""

from typing import Annotated

from fastapi import Depends

from app.core.files.store import FileStore
from app.lifespan import Connection


async def get_files(connection: Connection) -> FileStore:
    return connection.state["files"]


FilesDep = Annotated[FileStore, Depends(get_files)]
