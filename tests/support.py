"""What the tests share: running fastgen, and looking at what it left."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fastgen import __version__
from fastgen.planning.project_tree import project_tree
from fastgen.project.choices import choose_one
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import with_needs
from fastgen.project.request import Answers
from fastgen.project.state import State
from fastgen.project.state_files import state_files
from fastgen.transaction import write
from tests.command_line import run_forked

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "templates"
FASTGEN = [sys.executable, "-m", "fastgen"]
DEPTRY = [
    "deptry",
    ".",
    "--known-first-party=app",
    "--extend-exclude=tests|load_tests",
    # SQLAlchemy, procrastinate and Starlette import the others. AnyIO is for blocking work, as the
    # README of each project says.
    "--per-rule-ignores=DEP002=aiosqlite|anyio|asyncpg|itsdangerous|jinja2|psycopg|python-multipart",
]
"""Checks that a project declares what it imports, and imports what it declares."""


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` printed."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def fastgen(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
    program: Sequence[str] = FASTGEN,
) -> Result:
    """Run the command line in a process of its own, without a terminal."""
    if not env and not prefix and program is FASTGEN:
        return Result(*run_forked(arguments, cwd))
    done = subprocess.run(
        [*prefix, *program, *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def generate(
    folder: Path,
    *,
    name: str = "shop",
    patterns: Sequence[str] = (),
    queue: str | None = None,
    operations: Sequence[Operation] = EXAMPLES,
    version: str = __version__,
    **texts: str,
) -> Path:
    """Render a project into `folder / name` by the functions behind `fastgen new`, without git.

    The patterns that others need are added, as `fastgen new` does.
    """
    project = folder / name
    project.mkdir(parents=True)
    answers = Answers(
        name=name,
        title=texts.get("title", "Shop"),
        description=texts.get("description", "Sells things."),
        author=texts.get("author", ""),
        patterns=with_needs(patterns),
        queue=choose_one("queue", queue, with_needs(patterns)),
    )
    state = State(version, answers)
    for operation in operations:
        state = state.with_operation(operation)
    write(project, project_tree(state))
    write(project, {path: text.encode() for path, text in state_files(state).items()})
    return project


def without_privileges() -> list[str]:
    """The start of a command that has to heed the modes of files, whoever runs it."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may do everything")
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=0"]


def snapshot(folder: Path) -> dict[str, tuple[str, int, bytes]]:
    """Everything below a folder: kind and mode, time of the last change (ns), content."""
    found: dict[str, tuple[str, int, bytes]] = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        key = str(path.relative_to(folder))
        found[key] = (stat.filemode(status.st_mode), status.st_mtime_ns, content)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder, but for what differs by nature: secrets and git."""
    return {
        path: (folder / path).read_bytes()
        for path in files_below(folder)
        if path.rpartition("/")[2] != ".env"
    }


def abandoned(parent: Path, suffix: str = "") -> Path:
    """A folder of a command that was killed in `parent`: its name has its inode."""
    folder = parent / ".fastgen-new"
    folder.mkdir()
    return folder.rename(parent / f".fastgen-{folder.stat().st_ino:016x}{suffix}")


def files_below(folder: Path) -> list[str]:
    """The paths of the files below a folder, sorted, without those of git."""
    found = []
    for parent, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        inner = Path(parent).relative_to(folder).as_posix()
        paths = [name if inner == "." else f"{inner}/{name}" for name in names if name != ".git"]
        found += [path for path in paths if (folder / path).is_file()]
    return sorted(found)
