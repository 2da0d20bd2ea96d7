"""Dependencies, declared once and used by name."""

from collections.abc import Sequence

from fastapi.params import Depends

EVERY_REQUEST: Sequence[Depends] = ()
"""What every route depends on; the place for a rule that holds for the whole service."""
