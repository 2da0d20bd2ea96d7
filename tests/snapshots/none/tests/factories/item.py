"""Valid request bodies of items."""

from typing import Any


def item_data(**changes: Any) -> dict[str, Any]:
    """A valid body, with these changes."""
    return {
        "name": "one",
        "price": "12.50",
        **changes,
    }
