"""What is too much."""

from app.core.errors import AppError


class TooManyStreams(AppError):
    """This client has as many open as it may; `retry_after` is in seconds."""

    status = 429

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(
            "You have too many streams open.", headers={"Retry-After": str(retry_after)}
        )


class TooLarge(AppError):
    """More bytes than are taken."""

    status = 413


class UnknownKind(AppError):
    """Bytes of a kind that is not taken."""

    status = 415
