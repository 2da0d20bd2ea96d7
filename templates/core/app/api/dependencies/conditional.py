"""Conditional writes: `If-Match` keeps clients from overwriting each other's changes."""

import re
from typing import Annotated

from fastapi import Depends, Header

from app.core.errors import PreconditionFailed

_ETAG = re.compile('(W/)?"([^"]*)"')


async def get_wanted_versions(
    if_match: Annotated[
        str | None,
        Header(
            description="Write only if the resource still has this strong `ETag`, else 412.",
            examples=['"1"'],
        ),
    ] = None,
) -> frozenset[int] | None:
    """The versions that the client accepts; None means any.

    Raises:
        PreconditionFailed: the header has no strong ETag, so that it cannot match (RFC 9110).
    """
    if if_match is None or if_match.strip() == "*":
        return None
    strong = [tag for weak, tag in _ETAG.findall(if_match) if not weak]
    if not strong:
        raise PreconditionFailed(
            '`If-Match` needs a strong ETag such as "1". A proxy that compresses responses makes '
            'ETags weak, such as W/"1".'
        )
    return frozenset(int(tag) for tag in strong if re.fullmatch("[0-9]{1,18}", tag))


WantedVersions = Annotated[frozenset[int] | None, Depends(get_wanted_versions)]
