"""Writes on a condition: `If-Match` keeps two clients from undoing each other's changes."""

import re
from typing import Annotated

from fastapi import Depends, Header


async def get_wanted_versions(
    if_match: Annotated[
        str | None,
        Header(
            description="Write only if the resource still has this `ETag`, else 412.",
            examples=['"1"'],
        ),
    ] = None,
) -> frozenset[int] | None:
    """The versions that the client accepts, None for any; weak tags match none."""
    if if_match is None or if_match.strip() == "*":
        return None
    return frozenset(int(tag) for tag in re.findall(r'(?<!W/)"([0-9]{1,18})"', if_match))


WantedVersions = Annotated[frozenset[int] | None, Depends(get_wanted_versions)]
