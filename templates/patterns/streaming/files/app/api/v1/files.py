"""Files: upload, list, download, delete."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import Field

from app.api.deps import CursorCodecDep
from app.files.deps import FilesDep, OwnerDep
from app.files.download import Download
from app.files.form import UploadDep
from app.schemas.base import Output
from app.schemas.pagination import CursorPage, CursorParams

router = APIRouter()

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
CONTENT = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}


class FileRead(Output):
    id: str = Field(validation_alias="file_id", examples=["0f3c9e6b5d8a4c71b2e94d60a7f81c25"])
    name: str
    size: int
    content_type: str


FilePage = CursorPage[FileRead]
FileId = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_files(
    params: Annotated[CursorParams, Query()],
    codec: CursorCodecDep,
    files: FilesDep,
    owner: OwnerDep,
) -> FilePage:
    """The oldest first."""
    found = await files.list_after(owner, codec.decode(params.cursor), params.size + 1)
    return FilePage.of(found, params.size, codec)


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra={"requestBody": FORM})
async def upload_file(
    request: Request, response: Response, files: FilesDep, owner: OwnerDep, upload: UploadDep
) -> FileRead:
    """One file, in the field `file` of a form. Its type is that of its name."""
    stored = await files.add(owner, upload.filename or "", upload.file)
    response.headers["Location"] = f"{request.url.path}/{stored.file_id}"
    return FileRead.model_validate(stored)


@router.get(
    "/{file_id}",
    response_class=Download,
    responses={
        200: CONTENT,
        206: {"description": "The range of the file.", **CONTENT},
        304: {},
        416: {},
    },
)
async def download_file(
    file_id: FileId, request: Request, files: FilesDep, owner: OwnerDep
) -> Response:
    """The file, or a part of it with `Range`."""
    stored, path = await files.get(owner, file_id)
    etag = f'"{file_id}"'  # files never change
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}",
        "Content-Type": stored.content_type,
        "ETag": etag,
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Download(path, headers=headers)


@router.delete("/{file_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_file(file_id: FileId, files: FilesDep, owner: OwnerDep) -> None:
    await files.delete(owner, file_id)
