"""Dependencies of the routes of files. A file belongs to the user who uploaded it."""

from typing import Annotated

from fastapi import Depends

from app.auth.deps import PrincipalDep
from app.files.store import FileStore
from app.lifespan import Connection


async def get_files(connection: Connection) -> FileStore:
    return connection.state["files"]


async def get_owner(principal: PrincipalDep) -> str:
    return principal.name


FilesDep = Annotated[FileStore, Depends(get_files)]
OwnerDep = Annotated[str, Depends(get_owner)]
