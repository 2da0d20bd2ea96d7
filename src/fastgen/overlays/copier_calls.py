"""Calls of Copier: a request and a result, as files of a temporary folder."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastgen.errors import BadInput, Refused
from fastgen.overlays.paths import shown
from fastgen.overlays.process_limits import DISK_ERRORS
from fastgen.programs import run_program
from fastgen.project.request import OverlayAnswer

TIMEOUT = 60.0
"""Seconds for a template that runs no commands."""

_VARIABLES = {
    "PYTHONHASHSEED": "0",  # the order of a set is the same in every run
    "PYTHONUTF8": "1",
    "PYTHONWARNINGS": "ignore",
}


class Untrusted(Refused):
    """An overlay wants to run code, and `--trust` is not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The result of Copier, besides the files."""

    answers: dict[str, OverlayAnswer]
    """For the state: without secrets, and without the answers of fastgen."""
    questions: list[str]
    overwrite: list[str]
    """Paths and globs of files that the template may replace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopierCall:
    """Copier with one template."""

    overlay: str
    """Its name in messages."""
    folder: Path
    """A temporary folder, with the template in `template`."""

    def render(
        self,
        target: Path,
        data: Mapping[str, object],
        answers: Mapping[str, OverlayAnswer],
        *,
        trusted: bool,
        tasks: bool,
        again: bool = False,
    ) -> Rendering:
        """Render the template into a folder.

        Args:
            target: a folder with the files of a project.
            data: the answers of fastgen.
            answers: those of the user, as they were typed or recorded; some may be for other
                overlays.
            trusted: whether Jinja extensions are loaded.
            tasks: whether tasks run; their output goes to stderr.
            again: whether the project has the overlay already; then tasks never run.

        Raises:
            BadInput: an answer is missing or not valid.
            Refused: the template fails, or it wants to run code and is not trusted.
            OSError: of the disk.
        """
        request = {
            "parent": os.getpid(),
            "template": str(self.folder / "template"),
            "target": str(target),
            "data": data,
            "answers": answers,
            "trusted": trusted,
            "tasks": tasks,
            "again": again,
        }
        (self.folder / "request.json").write_text(json.dumps(request), "utf-8")
        output = _stderr() if tasks else subprocess.DEVNULL
        command = [sys.executable, "-P", "-m", "fastgen.overlays.copier_process", str(self.folder)]
        try:
            code, _ = run_program(
                command,
                self.folder,
                variables=_VARIABLES,
                timeout=None if tasks else TIMEOUT,
                output=output,
                errors=output,
            )
        except TimeoutError:
            raise self._refused(f"it did not end within {TIMEOUT:.0f} seconds") from None
        if code in DISK_ERRORS:
            raise OSError(code, os.strerror(code))
        path = self.folder / "result.json"
        try:
            result: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            raise self._refused("Copier ended without a result") from None
        if "error" in result:
            raise self._failure(result["error"])
        return Rendering(**result)

    def _failure(self, error: Mapping[str, str]) -> BadInput | Refused:
        message = error["message"].replace(f"{self.folder / 'template'}/", "").rstrip(".")
        message = shown(message.replace(str(self.folder), "..."))
        match error["kind"]:
            case "answer":
                question = shown(error["question"])
                return BadInput(
                    f"The overlay `{self.overlay}` has no valid answer"
                    f"{f' to `{question}`' if question else ''}: {message}.",
                    f"Pass `--overlay-data {question or 'KEY'}=VALUE`.",
                )
            case "trust":
                return Untrusted(
                    f"The overlay `{self.overlay}` wants to run code: {message}.",
                    "Read the code; if you trust it, pass `--trust`.",
                )
        where = f" ({shown(error['where'])})" if error["where"] else ""
        return self._refused(f"{message}{where}")

    def _refused(self, reason: str) -> Refused:
        return Refused(
            f"The overlay `{self.overlay}` cannot be rendered: {reason}.",
            "Correct the template, then run the command again.",
        )


def _stderr() -> int:
    try:
        return sys.stderr.fileno()
    except (OSError, io.UnsupportedOperation):
        return subprocess.DEVNULL
