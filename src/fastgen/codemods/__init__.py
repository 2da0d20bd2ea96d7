"""Edits of source text: pure functions that return the new text, or the lines to paste by hand.

`ast` finds the node, the edit is made at character offsets inside it, and the result is parsed
again: it must be the old tree with exactly the intended change.
"""

from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditResult
from fastgen.codemods.environment_file import add_environment, remove_environment
from fastgen.codemods.middleware_list import Entry, add_middleware, remove_middleware
from fastgen.codemods.requirement_array import add_requirement, remove_requirement
from fastgen.codemods.router_list import exclude_router, include_router
from fastgen.codemods.settings_class import add_settings, remove_settings

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
