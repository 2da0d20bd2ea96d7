"""The middleware that fastgen knows, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Middleware:
    """One entry of the catalogue."""

    name: str
    does: str
    """One line for whoever chooses."""


IN_EVERY_PROJECT = (
    Middleware("request-id", "names every request, in its response, its log lines, its problems"),
    Middleware("access-log", "one line a request, with status and duration"),
    Middleware("security-headers", "what browsers must not do with the answers"),
    Middleware("trusted-host", "refuses requests for other hosts"),
    Middleware("cors", "which other origins may call from a browser"),
    Middleware("body-limit", "refuses bodies that are too large"),
    Middleware("gzip", "compresses large answers"),
    Middleware("etag", "304 for who has the answer already"),
)
"""What the core has: it cannot be added, since it is there."""
