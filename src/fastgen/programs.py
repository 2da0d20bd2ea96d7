"""Starts other programs in a folder."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fastgen.errors import EnvironmentFault


def run(command: Sequence[str], folder: Path, *, hint: str) -> None:
    """Run a command whose output the user sees.

    Raises:
        EnvironmentFault: it failed.
    """
    if subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode:
        name = f"{Path(command[0]).stem} {command[1]}"
        raise EnvironmentFault(f"`{name}` failed.", hint)


def ask(
    command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command for its output."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**_environment(), **(variables or {})},
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )


def _environment() -> dict[str, str]:
    """The variables of this process, without those that point git or uv at another project."""
    foreign = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in foreign}
