"""A file, or a part of it (RFC 9110, section 14)."""

import re
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from anyio.to_thread import run_sync
from starlette.responses import Response

from app.core.errors import AppError
from app.core.files.store import StoredFile
from app.core.streams.response import Stream

CHUNK_BYTES = 262_144
RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")


class OutOfRange(AppError):
    """There are no such bytes in the file."""

    status = 416

    def __init__(self, size: int) -> None:
        headers = {"Content-Range": f"bytes */{size}"}
        super().__init__("The file has no such bytes.", headers=headers)


def download(about: StoredFile, path: Path, asked: Mapping[str, str]) -> Response:
    """The answer to a request with the headers in `asked`; several ranges get the whole file.

    Raises:
        OutOfRange: the range begins behind the end.
    """
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
    first, last = 0, about.size - 1
    status = 200
    wanted = RANGE.fullmatch(asked.get("range", ""))
    if wanted and any(wanted.groups()) and asked.get("if-range", etag) == etag:
        first, last = _range(wanted[1], wanted[2], about.size)
        if last >= first:
            status = 206
            headers["Content-Range"] = f"bytes {first}-{last}/{about.size}"
    headers["Content-Length"] = str(last - first + 1)
    return Stream(
        partial(_read, path, first, last - first + 1),
        status_code=status,
        media_type=about.content_type,
        headers=headers,
    )


def _range(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and the last byte; of what contradicts itself, all."""
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or (not first and int(last) == 0):
        raise OutOfRange(size)
    return (start, end) if end >= start else (0, size - 1)


async def _read(path: Path, start: int, length: int) -> AsyncGenerator[bytes]:
    file: BinaryIO = await run_sync(path.open, "rb")
    try:
        file.seek(start)
        while length and (chunk := await run_sync(file.read, min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
    finally:
        file.close()
