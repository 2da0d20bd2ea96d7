"""Installs a project with uv."""

import shutil
from pathlib import Path

from fastgen.errors import EnvironmentFault
from fastgen.programs import run


def require_uv() -> str:
    """The path of uv.

    Raises:
        EnvironmentFault: uv is not installed.
    """
    uv = shutil.which("uv")
    if uv is None:
        raise EnvironmentFault(
            "`--install` needs uv, which is not installed.",
            "Install it, or leave `--install` out.",
        )
    return uv


def install(folder: Path) -> None:
    """Install the requirements of a project into its own environment; uv shows its progress.

    Raises:
        EnvironmentFault: uv is not installed, or fails.
    """
    uv, hint = require_uv(), "Leave `--install` out, and set the project up later."
    # Relocatable: the folder is renamed afterwards.
    run([uv, "venv", "--quiet", "--relocatable"], folder, hint=hint)
    run([uv, "sync"], folder, hint=hint)
