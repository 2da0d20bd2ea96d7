"""Which pages may open a socket: a browser lets every page try."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from app.core.errors import AppError


class ForeignOrigin(AppError):
    """A page of somebody else."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Cross-origin request refused.")


def check_origin(connection: HTTPConnection[Any], allowed: Collection[str]) -> None:
    """Let in our own pages, those of ALLOWED_ORIGINS, and programs, which send no origin.

    Raises:
        ForeignOrigin: it is another one.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin in allowed or "*" in allowed:
        return
    if urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower():
        raise ForeignOrigin
