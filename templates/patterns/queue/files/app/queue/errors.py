"""Errors of tasks."""

from app.core.errors import AppError, Unavailable


def is_refusal(error: BaseException) -> bool:
    """Whether a task refuses for good: an expected error, other than a service that is down."""
    return isinstance(error, AppError) and not isinstance(error, Unavailable)
