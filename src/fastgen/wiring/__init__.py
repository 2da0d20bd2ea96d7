"""Edits of source text: pure functions that say what they did, or what to do by hand.

`ast` finds the place, whole lines go in or out, and the result is parsed again. Every other byte
stays.
"""

from fastgen.wiring.outcomes import AlreadyWired, CannotWire, Outcome, Wired
from fastgen.wiring.routers import exclude_router, include_router

__all__ = [
    "AlreadyWired",
    "CannotWire",
    "Outcome",
    "Wired",
    "exclude_router",
    "include_router",
]
