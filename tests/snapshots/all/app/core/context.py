"""What belongs to the request under way, and follows it through every await."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
