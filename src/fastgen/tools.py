"""The programs that fastgen starts, git and uv; each is used when it is there."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from fastgen.errors import EnvironmentFault


def init_repository(folder: Path) -> None:
    """Make the folder a git repository, unless there is no git or it is inside of one already."""
    git = shutil.which("git")
    if git is None or _succeeds([git, "rev-parse", "--is-inside-work-tree"], folder):
        return
    has_own_default = _succeeds([git, "config", "--get", "init.defaultBranch"], folder)
    branch = [] if has_own_default else ["--initial-branch=main"]
    _run([git, "init", "--quiet", *branch], folder, hint="Use `--no-git`.")


def is_committed(folder: Path, path: str) -> bool:
    """Whether a file below the folder is in the history; without git nothing is."""
    git = shutil.which("git")
    return git is not None and _succeeds([git, "cat-file", "-e", f"HEAD:./{path}"], folder)


def require_uv() -> None:
    """Make sure that `install` can work.

    Raises:
        EnvironmentFault: uv is not there.
    """
    _uv()


def install(folder: Path) -> None:
    """Install what the project needs into its own environment; uv shows its progress.

    Raises:
        EnvironmentFault: uv is not there, or fails.
    """
    uv, hint = _uv(), "Leave `--install` out, and set the project up later."
    # Relocatable: the folder is still going to be renamed.
    _run([uv, "venv", "--quiet", "--relocatable"], folder, hint=hint)
    _run([uv, "sync"], folder, hint=hint)


def _uv() -> str:
    uv = shutil.which("uv")
    if uv is None:
        raise EnvironmentFault(
            "`--install` needs uv, which is not there.", "Install it, or leave `--install` out."
        )
    return uv


def _run(command: Sequence[str], folder: Path, *, hint: str) -> None:
    if subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode:
        name = f"{Path(command[0]).stem} {command[1]}"
        raise EnvironmentFault(f"`{name}` has failed.", hint)


def _succeeds(command: Sequence[str], folder: Path) -> bool:
    result = subprocess.run(
        command, cwd=folder, env=_environment(), check=False, capture_output=True
    )
    return result.returncode == 0


def _environment() -> dict[str, str]:
    """This one, but for what would point git or uv at another project."""
    foreign = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in foreign}
