"""A file, or a part of it (RFC 9110, section 14)."""

import re
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from app.core.errors import AppError
from app.core.files.store import StoredFile
from app.core.streams.response import Stream

CHUNK_BYTES = 262_144
RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)


class OutOfRange(AppError):
    """There are no such bytes in the file."""

    status = 416

    def __init__(self, size: int) -> None:
        headers = {"Content-Range": f"bytes */{size}"}
        super().__init__("The file has no such bytes.", headers=headers)


def download(about: StoredFile, path: Path, request: Request[Any]) -> Response:
    """The answer to a request for a file; several ranges get the whole of it, as HEAD always does.

    Raises:
        OutOfRange: the range begins behind the end.
    """
    asked = request.headers
    etag = f'"{about.id}"'  # a file never changes
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(about.name, safe='')}",
        "ETag": etag,
    }
    known = {tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    wants_part = asked.get("if-range", etag) == etag and request.method != "HEAD"
    part = _part(asked.get("range", ""), about.size) if wants_part else None
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{about.size}"
    bytes_ = range(about.size) if part is None else part
    headers["Content-Length"] = str(len(bytes_))
    return Stream(
        partial(_read, path, bytes_.start, len(bytes_)),
        status_code=200 if part is None else 206,
        media_type=about.content_type,
        headers=headers,
    )


def _part(asked: str, size: int) -> range | None:
    """The bytes that are asked for; None: all, also of what makes no sense."""
    found = RANGE.fullmatch(asked)
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    stop = min(int(last) + 1, size) if first and last else size
    if start >= size:
        raise OutOfRange(size)
    return range(start, stop) if stop > start else None


async def _read(path: Path, start: int, length: int) -> AsyncGenerator[bytes]:
    file: BinaryIO = await run_sync(path.open, "rb")
    try:
        file.seek(start)
        while length and (chunk := await run_sync(file.read, min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
    finally:
        file.close()
