"""Edits of source text: pure functions that say what they did, or what to do by hand.

`ast` finds the place, whole lines go in or out, and the result is parsed again. Every other byte
stays.
"""

from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditResult
from fastgen.codemods.middleware_list import Entry, add_middleware, remove_middleware
from fastgen.codemods.router_list import exclude_router, include_router
from fastgen.codemods.settings_class import add_settings, remove_settings
from fastgen.codemods.text_files import (
    add_environment,
    add_requirement,
    remove_environment,
    remove_requirement,
)

__all__ = [
    "AlreadyThere",
    "CannotEdit",
    "EditResult",
    "Edited",
    "Entry",
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
