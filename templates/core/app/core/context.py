"""Context variables of the current request."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

rate_limit_key: ContextVar[str | None] = ContextVar("rate_limit_key", default=None)
"""The authenticated user, such as `user/7`. Rate limits apply to it."""
