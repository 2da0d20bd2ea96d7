"""Edits of source text: pure functions that say what they did, or what to do by hand.

`ast` finds the place, whole lines go in or out, and the result is parsed again. Every other byte
stays.
"""

from fastgen.wiring.middleware import Entry, add_middleware, remove_middleware
from fastgen.wiring.outcomes import AlreadyWired, CannotWire, Outcome, Wired
from fastgen.wiring.routers import exclude_router, include_router
from fastgen.wiring.settings import add_settings, remove_settings
from fastgen.wiring.texts import (
    add_environment,
    add_requirement,
    remove_environment,
    remove_requirement,
)

__all__ = [
    "AlreadyWired",
    "CannotWire",
    "Entry",
    "Outcome",
    "Wired",
    "add_environment",
    "add_middleware",
    "add_requirement",
    "add_settings",
    "exclude_router",
    "include_router",
    "remove_environment",
    "remove_middleware",
    "remove_requirement",
    "remove_settings",
]
