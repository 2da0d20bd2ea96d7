"""Files: up in one piece, down in as many as you like."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, status

from app.api.dependencies.files import FilesDep
from app.api.dependencies.owner import OwnerDep
from app.core.files.download import download
from app.core.files.form import read_file
from app.core.files.kinds import KINDS
from app.core.streams.response import Stream
from app.schemas.file import FileRead

router = APIRouter()

FileId = Annotated[str, Path(max_length=64)]
FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            }
        }
    },
}
BYTES = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS}}


# The body is read here, not by FastAPI: it goes to the disk as it arrives, for callers only.
@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra={"requestBody": FORM})
async def upload_file(
    request: Request, response: Response, files: FilesDep, owner: OwnerDep
) -> FileRead:
    """One file, in the field `file` of a form. What it is, is told by its content."""
    sent = await read_file(request.headers.get("content-type", ""), request.stream())
    stored = await files.add(owner, sent.name, sent.chunks)
    response.headers["Location"] = f"{request.url.path}/{stored.id}"
    return FileRead.model_validate(stored)


@router.get(
    "/{file_id}",
    response_class=Stream,
    responses={200: BYTES, 206: {"description": "A part of it.", **BYTES}, 416: {}},
)
async def download_file(
    file_id: FileId, request: Request, files: FilesDep, owner: OwnerDep
) -> Response:
    """The file; with `Range`, a part of it."""
    about, path = await files.get(owner, file_id)
    return download(about, path, request)
