"""What a command wants to do to the files of a project, before anything is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it is to be; its path is relative to the root of the project."""

    path: str
    text: str | None
    """None: it is to be deleted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of a command, and what it leaves for people to look at."""

    changes: Sequence[Change] = ()
    kept: Sequence[str] = ()
    """Files that stay because they were edited."""
    broken: Sequence[str] = ()
    """Files that import what is gone."""


def changed_files(changes: Iterable[Change]) -> dict[str, bytes]:
    """The content of each file that is created or updated."""
    return {each.path: each.text.encode("utf-8") for each in changes if each.text is not None}
