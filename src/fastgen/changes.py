"""The changes of a command to the files of a project, planned before the first write."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A file after the command; its path is relative to the root of the project."""

    path: str
    text: str | None
    """None: the file is deleted. Bytes that are not UTF-8 are escaped as surrogates."""

    @classmethod
    def of(cls, path: str, content: bytes | None) -> "Change":
        """The change to any content."""
        return cls(path, None if content is None else content.decode("utf-8", "surrogateescape"))

    @property
    def content(self) -> bytes:
        return (self.text or "").encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class ByHand:
    """A line that a command could not add to a file, and that the user adds."""

    path: str
    reason: str
    line: str


@dataclass(frozen=True, slots=True)
class RowValue:
    """The value that existing rows get in a new column."""

    table: str
    column: str
    value: str
    """As it is shown: an expression of Python, or words."""


@dataclass(frozen=True, slots=True)
class EditedLine:
    """A line that people have changed, and that goes with what it belongs to."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportedLine:
    """A line of a file that the user has to look at, for the sake of a name."""

    path: str
    line: int
    name: str
    """A module, or a name in one: `app.queue`, `app.api.deps.SessionDep`, `OrderRepository`."""


@dataclass(frozen=True, slots=True)
class Conflicted:
    """A file with a conflict, and the three contents that collide."""

    path: str
    base: bytes | None
    ours: bytes | None
    theirs: bytes | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of a command, and what it leaves to the user."""

    changes: Sequence[Change] = ()
    kept: Sequence[str] = ()
    """Files that stay because they were edited."""
    broken: Sequence[ReportedLine] = ()
    """Imports and uses of what is removed."""
    unresolved: Sequence[ReportedLine] = ()
    """Imports that are new, of what the project does not have."""
    unscoped: Sequence[ReportedLine] = ()
    """Calls in code of people that read the rows of all users."""
    by_hand: Sequence[ByHand] = ()
    """Requirements to add by hand."""
    conflicts: Sequence[Conflicted] = ()
    """Files with edits that collide."""
    edited_lines: Sequence[EditedLine] = ()
    """Lines that people have changed in files that stay, and that are removed."""
    row_values: Sequence[RowValue] = ()
    """The values that existing rows get."""
    patterns: Sequence[str] | None = None
    """Those of the project after the command, where they may change."""
