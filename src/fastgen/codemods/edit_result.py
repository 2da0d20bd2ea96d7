"""What an edit of source text came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edited:
    """The text as it is to be."""

    source: str


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """There was nothing to do."""


@dataclass(frozen=True, slots=True)
class CannotEdit:
    """There is no telling where it belongs."""

    reason: str
    paste: str
    """The lines that are to be put there, or taken away, by hand."""


EditResult = Edited | AlreadyThere | CannotEdit


class Unclear(Exception):
    """Raised while an edit is made: the source is not what it was taken for."""
