"""Order lines as a client sends them."""

from typing import Any


def order_line_data(**changes: Any) -> dict[str, Any]:
    """A body that is valid, but for `changes`."""
    return {
        "label": "one",
        "price": "12.50",
        **changes,
    }
