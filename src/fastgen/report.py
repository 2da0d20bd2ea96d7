"""The result of a command: the document of `--json`, and what the console shows."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from fastgen.errors import FastgenError

SCHEMA = 1
WITH_DATA = ("list", "doctor")
"""Commands whose document has `data`."""
Status = Literal["done", "unchanged", "planned", "conflicts", "error"]
Action = Literal["create", "update", "delete", "keep", "conflict"]


@dataclass(frozen=True, slots=True)
class File:
    """One file: its path below the project, and its size after the command."""

    path: str
    action: Action
    bytes: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a project that is not as fastgen expects it."""

    name: str
    """The name of the check: `missing-file`."""
    summary: str
    """One sentence."""
    hint: str
    """The remedy, with its command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of a command without an error."""

    command: str
    status: Status
    path: Path | None = None
    """The root of the project."""
    patterns: Sequence[str] = ()
    files: Sequence[File] = ()
    next: Sequence[str] = ()
    """Commands to run next."""
    data: Sequence[Entry | Finding] = ()
    """The result of a command that only reads."""
    state: str = ""
    """The planned project, as a file for `fastgen new --from`."""
    exit_code: int = 0

    def as_json(self) -> str:
        return _document(
            self.command,
            status=self.status,
            exit_code=self.exit_code,
            path=None if self.path is None else str(self.path),
            patterns=list(self.patterns),
            files=[asdict(file) for file in self.files],
            next=list(self.next),
            error=None,
            data=[asdict(entry) for entry in self.data],
            **({"state": self.state} if self.state else {}),
        )


def error_as_json(command: str, error: FastgenError) -> str:
    """The document of a command that failed."""
    return _document(
        command,
        status="error",
        exit_code=error.exit_code,
        path=None,
        patterns=[],
        files=[],
        next=[],
        error={"code": error.code, "message": error.message, "hint": error.hint},
        data=[],
    )


def _document(command: str, *, data: Sequence[object], **members: object) -> str:
    document = {"schema": SCHEMA, "command": command, **members}
    if command in WITH_DATA:
        document["data"] = data
    return json.dumps(document, indent=2)
