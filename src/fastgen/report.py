"""What a command did, or would do: the document of `--json`, and what the console shows."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from fastgen.errors import FastgenError

SCHEMA = 1
Status = Literal["done", "unchanged", "planned", "conflicts", "error"]
Action = Literal["create", "update", "delete", "keep", "conflict"]


@dataclass(frozen=True, slots=True)
class File:
    """One file, with its path below the project, and its size afterwards."""

    path: str
    action: Action
    bytes: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    name: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of a command that did not fail."""

    command: str
    status: Status
    path: Path | None = None
    """The root of the project."""
    patterns: Sequence[str] = ()
    files: Sequence[File] = ()
    next: Sequence[str] = ()
    """The commands that a user may want to run next."""
    entries: Sequence[Entry] = ()
    """What `fastgen list` was asked for."""
    exit_code: int = 0

    def as_json(self) -> str:
        return _document(
            command=self.command,
            status=self.status,
            exit_code=self.exit_code,
            path=None if self.path is None else str(self.path),
            patterns=list(self.patterns),
            files=[asdict(file) for file in self.files],
            next=list(self.next),
            error=None,
            **({"entries": [asdict(entry) for entry in self.entries]} if self.entries else {}),
        )


def error_as_json(command: str, error: FastgenError) -> str:
    """The same document for a command that failed."""
    return _document(
        command=command,
        status="error",
        exit_code=error.exit_code,
        path=None,
        patterns=[],
        files=[],
        next=[],
        error={"code": error.code, "message": error.message, "hint": error.hint},
    )


def _document(**members: object) -> str:
    return json.dumps({"schema": SCHEMA, **members}, indent=2)
