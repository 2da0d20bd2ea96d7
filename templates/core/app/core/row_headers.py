"""What the headers of a response say about a row: where it is, and which version (RFC 9110)."""

from email.utils import format_datetime

from fastapi import Request, Response

from app.models.base import Row


def tell_version(response: Response, row: Row) -> None:
    """Set `ETag` and `Last-Modified`."""
    response.headers["ETag"] = f'"{row.version}"'
    response.headers["Last-Modified"] = format_datetime(row.updated_at, usegmt=True)


def tell_created(request: Request, response: Response, row: Row) -> None:
    """Set `Location` too: the row is below the collection that took it."""
    response.headers["Location"] = f"{request.url.path}/{row.id}"
    tell_version(response, row)
