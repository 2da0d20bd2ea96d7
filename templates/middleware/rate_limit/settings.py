"""The setting `RATE_LIMITS`."""

from typing import Annotated

from limits import RateLimitItem, parse
from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from app.core.environment import parse_json

METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


def _check_limits(limits: dict[str, str]) -> dict[str, str]:
    for where, often in limits.items():
        method, _, path = where.rpartition(" ")
        if not path.startswith("/") or method not in {"", *METHODS}:
            raise ValueError("a key is a path, or a method and a path: `POST /api`")
        for part in often.split(";"):
            parse_limit(part)
    return limits


def parse_limit(text: str) -> RateLimitItem:
    """Parse a limit such as `5/15 minutes`.

    Raises:
        ValueError: the text is not a limit.
    """
    try:
        return parse(text)
    except ValueError:
        raise ValueError("a limit is written like this: `600/minute` or `5/15 minutes`") from None


RateLimits = Annotated[
    dict[str, str], NoDecode, BeforeValidator(parse_json), AfterValidator(_check_limits)
]
"""Path -> limits: `{"/": "600/minute", "POST /api/v1/items": "30/minute; 200/hour"}`."""
