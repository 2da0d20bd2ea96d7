"""How often a client may call."""

from typing import Annotated

from limits import RateLimitItem, parse
from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from app.core.environment import parse_json

METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


def _that_can_be_read(limits: dict[str, str]) -> dict[str, str]:
    for where, often in limits.items():
        method, _, path = where.rpartition(" ")
        if not path.startswith("/") or method not in {"", *METHODS}:
            raise ValueError("it says where by a path, or by a method and a path: `POST /api`")
        for part in often.split(";"):
            parse_limit(part)
    return limits


def parse_limit(text: str) -> RateLimitItem:
    """How often in which time: `5/15 minutes`.

    Raises:
        ValueError: it says something else.
    """
    try:
        return parse(text)
    except ValueError:
        raise ValueError("it says how often like this: `600/minute` or `5/15 minutes`") from None


RateLimits = Annotated[
    dict[str, str], NoDecode, BeforeValidator(parse_json), AfterValidator(_that_can_be_read)
]
"""Where -> how often: `{"/": "600/minute", "POST /api/v1/items": "30/minute; 200/hour"}`."""
