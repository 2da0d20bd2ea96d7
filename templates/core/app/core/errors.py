"""Expected errors. `core/problems.py` turns them into responses."""

from collections.abc import Mapping
from typing import ClassVar


class AppError(Exception):
    """The base class of expected errors. Raised anywhere, it becomes problem details."""

    status: ClassVar[int] = 500

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers


class BadRequest(AppError):
    status = 400


class Forbidden(AppError):
    status = 403


class NotFound(AppError):
    status = 404


class Conflict(AppError):
    """The change violates a constraint, for example a unique value."""

    status = 409


class PreconditionFailed(AppError):
    """`If-Match` lacks the current ETag: the row has changed, or the ETag is weak."""

    status = 412


class PayloadTooLarge(AppError):
    status = 413


class UnsupportedMediaType(AppError):
    status = 415


class Invalid(AppError):
    """A value is invalid for a reason that a schema cannot know. `location` is its place."""

    status = 422

    def __init__(self, detail: str, *, location: tuple[str | int, ...]) -> None:
        super().__init__(detail)
        self.location = location


class TooManyRequests(AppError):
    """The client has reached a limit; `retry_after` is in seconds."""

    status = 429

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Unavailable(AppError):
    """A service that this one depends on does not respond. The client may retry."""

    status = 503

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
