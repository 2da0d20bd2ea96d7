"""Dependencies, declared once and used by name."""

from collections.abc import Sequence

from fastapi.params import Depends

from app.api.dependencies.caller import get_caller

EVERY_REQUEST: Sequence[Depends] = ()
"""What every route depends on; the place for a rule that holds for the whole service."""

EVERY_RESOURCE: Sequence[Depends] = (Depends(get_caller),)
"""What every resource of `app/api/v1/router.py` depends on: none is public by mistake."""
