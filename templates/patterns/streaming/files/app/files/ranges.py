"""Which `Range` headers are left to `FileResponse` (RFC 9110, section 14)."""

import re

from starlette.requests import Request

from app.core.errors import AppError

RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)


class RangeNotSatisfiable(AppError):
    """The file does not have these bytes."""

    status = 416

    def __init__(self, size: int) -> None:
        headers = {"Content-Range": f"bytes */{size}"}
        super().__init__("The file does not have these bytes.", headers=headers)


def check_range(request: Request, size: int, etag: str) -> None:
    """Drop a range that must be ignored: malformed, multiple, of an outdated file, or for HEAD.

    `FileResponse` refuses some of them, without problem details.

    Raises:
        RangeNotSatisfiable: the range starts behind the end of the file.
    """
    found = RANGE.fullmatch(request.headers.get("range", ""))
    is_for_this = request.headers.get("if-range", etag) == etag and request.method != "HEAD"
    if found is not None and any(found.groups()) and is_for_this:
        first, last = found.groups()
        if int(first) >= size if first else not size or int(last) == 0:
            raise RangeNotSatisfiable(size)
        if not (first and last) or int(first) <= int(last):
            return
    headers = request.scope["headers"]
    request.scope["headers"] = [pair for pair in headers if pair[0] != b"range"]
