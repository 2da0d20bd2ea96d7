"""Calls of Copier: a request and a result, as files of a temporary folder."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastgen.errors import BadInput, Refused
from fastgen.overlays.paths import shown
from fastgen.overlays.programs import run_program

TIMEOUT = 60.0
"""Seconds for a template that runs no commands."""

_VARIABLES = {
    "PYTHONHASHSEED": "0",  # the order of a set is the same in every run
    "PYTHONUTF8": "1",
    "PYTHONWARNINGS": "ignore",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a template would do, before it does anything."""

    runs: list[str]
    """Tasks, migrations and Jinja extensions."""
    questions: list[str]
    secrets: list[str]
    """Questions whose answers are not recorded."""
    overwrite: list[str]
    """Paths and globs of files that it may replace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopierCall:
    """Copier with one template."""

    overlay: str
    """How messages call it."""
    folder: Path
    """A temporary folder, with the template in `template`."""
    hidden: Sequence[str] = ()
    """Texts that no message shows."""

    def inspect(self) -> Inspection:
        """Read the configuration of the template.

        Raises:
            Refused: it is not valid.
        """
        return Inspection(**self._run({"action": "inspect"}))

    def render(
        self,
        target: Path,
        data: Mapping[str, object],
        answers: Mapping[str, str],
        *,
        trusted: bool,
        tasks: bool,
    ) -> dict[str, Any]:
        """Render the template into a folder; the answers for the state.

        Args:
            target: a folder with the files of a project.
            data: the answers of fastgen.
            answers: those of the user, as they were typed.
            trusted: whether Jinja extensions are loaded.
            tasks: whether tasks run; their output goes to stderr.

        Raises:
            BadInput: an answer is missing or not valid.
            Refused: the template fails.
        """
        request = {
            "action": "render",
            "target": str(target),
            "data": data,
            "answers": answers,
            "trusted": trusted,
            "tasks": tasks,
        }
        answered: dict[str, Any] = self._run(request, has_tasks=tasks)["answers"]
        return answered

    def _run(self, request: Mapping[str, object], *, has_tasks: bool = False) -> dict[str, Any]:
        template = str(self.folder / "template")
        text = json.dumps({**request, "template": template})
        (self.folder / "request.json").write_text(text, "utf-8")
        output = _stderr() if has_tasks else subprocess.DEVNULL
        command = [sys.executable, "-P", "-m", "fastgen.overlays.copier_process", str(self.folder)]
        path = self.folder / "result.json"
        path.unlink(missing_ok=True)
        try:
            run_program(
                command,
                self.folder,
                variables=_VARIABLES,
                timeout=None if has_tasks else TIMEOUT,
                output=output,
                errors=output,
            )
        except TimeoutError:
            raise self._refused(f"it did not end within {TIMEOUT:.0f} seconds") from None
        if not path.exists():
            raise self._refused("Copier ended without a result")
        result: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if "error" in result:
            raise self._failure(result["error"])
        return result

    def _failure(self, error: Mapping[str, str]) -> BadInput | Refused:
        message = error["message"].replace(f"{self.folder / 'template'}/", "").rstrip(".")
        for text in (f"{self.folder}", *filter(None, self.hidden)):
            message = message.replace(text, "***")
        message = shown(message)
        if error["kind"] == "answer":
            question = error["question"]
            return BadInput(
                f"The overlay `{self.overlay}` has no valid answer"
                f"{f' to `{shown(question)}`' if question else ''}: {message}.",
                f"Pass `--overlay-data {shown(question) or 'KEY'}=VALUE`.",
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
