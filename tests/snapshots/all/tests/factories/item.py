"""Items as a client sends them."""

from typing import Any


def item_data(**changes: Any) -> dict[str, Any]:
    """A body that is valid, but for `changes`."""
    return {
        "name": "one",
        "price": "12.50",
        **changes,
    }
