"""Context variables of the current request."""

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

log_fields: ContextVar[Mapping[str, str]] = ContextVar("log_fields", default=MappingProxyType({}))
"""Further fields of the log lines of the request."""

rate_limit_key: ContextVar[str | None] = ContextVar("rate_limit_key", default=None)
"""The authenticated user, such as `user/7`. Rate limits apply to it."""
