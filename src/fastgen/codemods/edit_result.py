"""The result of an edit of source text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edited:
    """The text after the edit."""

    source: str


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The text needs no edit."""


@dataclass(frozen=True, slots=True)
class CannotEdit:
    """The edit is not safe: nothing was changed."""

    reason: str
    paste: str
    """The lines to add, or to take out, by hand."""
    can_wait: bool = False
    """Whether the other edits of a command make sense without this one."""


EditResult = Edited | AlreadyThere | CannotEdit


class EditRefused(Exception):
    """Raised inside a codemod that cannot make its edit; becomes `CannotEdit`."""
