"""The changes of a command to the files of a project, planned before the first write."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A file after the command; its path is relative to the root of the project."""

    path: str
    text: str | None
    """None: the file is deleted."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """A line that a command could not add to a file, and that the user adds."""

    path: str
    reason: str
    line: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of a command, and what it leaves to the user."""

    changes: Sequence[Change] = ()
    kept: Sequence[str] = ()
    """Files that stay because they were edited."""
    broken: Sequence[str] = ()
    """Files that import a removed module."""
    by_hand: Sequence[ByHand] = ()
    """Requirements to add by hand."""
    conflicts: Sequence[str] = ()
    """Files that hold both versions of some lines between markers."""
