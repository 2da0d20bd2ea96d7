"""Headers with the location and the version of a row (RFC 9110)."""

from datetime import datetime
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import quote

from fastapi import Request, Response


class Versioned(Protocol):
    """A row with a version."""

    @property
    def id(self) -> int: ...

    @property
    def version(self) -> int: ...

    @property
    def updated_at(self) -> datetime: ...


def set_etag(response: Response, row: Versioned) -> None:
    """Set `ETag` and `Last-Modified`."""
    response.headers["ETag"] = f'"{row.version}"'
    response.headers["Last-Modified"] = format_datetime(row.updated_at, usegmt=True)


def set_location(request: Request, response: Response, row: Versioned) -> None:
    """Set `Location`, below the collection that the row was added to, and `ETag`."""
    response.headers["Location"] = f"{quote(request.scope['path'])}/{row.id}"
    set_etag(response, row)
