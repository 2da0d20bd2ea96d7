"""What can go wrong, in the words of the domain; `core/problems.py` tells it over HTTP."""

from collections.abc import Mapping
from typing import ClassVar


class AppError(Exception):
    """The base of every expected failure: raised anywhere, it becomes a problem document."""

    status: ClassVar[int] = 500

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers


class BadRequest(AppError):
    status = 400


class NotFound(AppError):
    status = 404


class Conflict(AppError):
    """The change contradicts what is stored, for example a value that must be unique."""

    status = 409


class PreconditionFailed(AppError):
    """Somebody else changed the row since the client read it."""

    status = 412


class Invalid(AppError):
    """A value that the schema cannot judge is wrong; `location` says where it was sent."""

    status = 422

    def __init__(self, detail: str, *, location: tuple[str | int, ...]) -> None:
        super().__init__(detail)
        self.location = location


class Unavailable(AppError):
    """A part that the service depends on does not answer; the client may come back."""

    status = 503

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class TransactionConflict(Unavailable):
    """A concurrent transaction won. This one is rolled back, and the request can be retried."""
