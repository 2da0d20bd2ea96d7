"""Valid request bodies of order lines."""

from typing import Any


def order_line_data(**changes: Any) -> dict[str, Any]:
    """A valid body, with these changes."""
    return {
        "label": "one",
        "price": "12.50",
        **changes,
    }
