"""What a command wants to do to the files of a project, before anything is written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it is to be; its path is relative to the root of the project."""

    path: str
    text: str | None
    """None: it is to be deleted."""
