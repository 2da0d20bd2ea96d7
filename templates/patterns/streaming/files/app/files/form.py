"""The one file of a form, which Starlette streams into a temporary file."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from app.core.errors import BadRequest, Invalid, Unavailable, UnsupportedMediaType


async def get_upload(request: Request) -> AsyncGenerator[UploadFile]:
    """Read the form here and not by a parameter of the route, which is read before authentication.

    Raises:
        BadRequest, Invalid, UnsupportedMediaType: it is not a form with one field, the file.
        Unavailable: the disk is full.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMediaType("The file must be sent as multipart/form-data.")
    try:
        form = await request.form(max_files=1, max_fields=0)
    except (ClientDisconnect, UnicodeError):  # or the names are not in the charset of the form
        raise BadRequest("The form cannot be read.") from None
    except OSError as error:
        raise Unavailable("The file could not be stored.", retry_after=60) from error
    try:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise Invalid("There is no file in the form.", location=("body", "file"))
        yield upload
    finally:
        await form.close()


UploadDep = Annotated[UploadFile, Depends(get_upload)]
