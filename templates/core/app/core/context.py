"""What belongs to the request under way, and follows it through every await."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

counted_for: ContextVar[str | None] = ContextVar("counted_for", default=None)
"""Who sends it, such as `user/7`: set by what has checked the credentials, for limits."""
