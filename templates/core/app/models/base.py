"""What every row has."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A stored row; the storage gives it its id, its times (UTC) and its version."""

    id: int
    created_at: datetime
    updated_at: datetime
    version: int
    """Grows with every change: what `ETag` and `If-Match` compare."""
