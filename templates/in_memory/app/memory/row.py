"""The base of all models."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

UNSET = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row; the repository sets its id, its times (UTC) and its version."""

    id: int = 0
    created_at: datetime = UNSET
    updated_at: datetime = UNSET
    version: int = 0
    """Grows with each change; `ETag` and `If-Match` compare it."""


Rows = dict[int, Any]
Tables = dict[type[Row], Rows]
