"""The environment that generated projects are checked in: what they require, and nothing else."""

import fcntl
import hashlib
import os
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import uv

from tests.forked import ForkedProcess, as_module, fork_server
from tests.support import ROOT, Result

CACHE = ROOT / ".cache"
CHEAP_HASHES = {"ARGON2_MEMORY_KIB": "64", "ARGON2_TIME_COST": "1"}
"""Settings for passwords that nobody guesses."""
ALEMBIC = """
import shlex, sys
from alembic.config import main

for command in sys.argv[1:]:
    main(shlex.split(command))
"""
MAKE_ADMIN = "from runpy import run_module; run_module('app.admin', run_name='__main__')"
FURTHER_TOOLS = ["aiomysql>=0.3.2", "deptry>=0.25.1", "hatchling>=1.33", "pytest-random-order>=1.2"]


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path
    forks: bool = True
    """Whether commands may be forked from a process that has imported libraries."""

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, *command: str, cwd: Path, env: Mapping[str, str] | None = None) -> Result:
        """Run a command of the environment, as if it were active."""
        if command[0] == "mypy":
            set_own_times(cwd)
        if arguments := self._forkable(command, env):
            return self._run_forked(arguments, cwd, self.variables(env))
        done = subprocess.run(
            [self.folder / "bin" / command[0], *command[1:]],
            cwd=cwd,
            env=self.variables(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def start(
        self, *command: str, cwd: Path, log: Path, env: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes] | ForkedProcess":
        """Start a command in a session of its own, with its output and errors in a new file."""
        log.touch()
        variables = self.variables(env)
        if arguments := self._forkable(command, env):
            return fork_server(self.python).start(arguments, cwd, variables, log, log)
        with log.open("wb") as output:
            return subprocess.Popen(
                [self.folder / "bin" / command[0], *command[1:]],
                cwd=cwd,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _run_forked(
        self, arguments: Sequence[str], cwd: Path, variables: Mapping[str, str]
    ) -> Result:
        with TemporaryDirectory(prefix="fastgen-forked-") as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            out.touch()
            err.touch()
            process = fork_server(self.python).start(arguments, cwd, variables, out, err)
            return Result(process.wait(), out.read_text("utf-8"), err.read_text("utf-8"))

    def _forkable(self, command: Sequence[str], env: Mapping[str, str] | None) -> list[str] | None:
        """Arguments of Python, unless variables are for the start of Python itself."""
        if not self.forks or any(name.startswith("PYTHON") for name in env or ()):
            return None
        return as_module(command)

    def variables(self, further: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables of an active environment, without those of the tests around it."""
        own = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {
            **own,
            "PATH": path,
            "VIRTUAL_ENV": str(self.folder),
            # One for each process of the tests: mypy does not expect others in it.
            "MYPY_CACHE_DIR": str(CACHE / f"mypy-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(further or {}),
        }

    def run_code(
        self, code: str, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
    ) -> Result:
        """Run code like `python -c`, but in a process that has imported the libraries."""
        return self._run_forked(["-c", code, *arguments], cwd, self.variables(env))

    def alembic(self, project: Path, *commands: str, env: Mapping[str, str] | None = None) -> str:
        """Run commands of Alembic in one process, and return what they print."""
        result = self.run_code(ALEMBIC, *commands, cwd=project, env=env)
        assert result.code == 0, f"{commands}: {result.out}{result.err}"
        return result.out

    def migrate(self, project: Path, env: Mapping[str, str] | None = None) -> None:
        """Make the tables of a project, if it has any, as its `setup` does."""
        if (project / "migrations").exists():
            self.alembic(project, "upgrade head", env=env)

    def make_admin(self, project: Path, env: Mapping[str, str]) -> None:
        """Make the first admin of a project with a database, if there are users."""
        if (project / "app" / "admin.py").exists():
            variables = {**CHEAP_HASHES, **env}
            result = self.run_code(MAKE_ADMIN, cwd=project, env=variables)
            assert result.code == 0, result.err


def set_own_times(project: Path) -> None:
    """Give modules other times than those of other projects have.

    Mypy takes a module of the same path, size and second for the one in its cache.
    """
    offset = zlib.crc32(str(project).encode()) % 10**8
    for path in project.rglob("*.py"):
        times = path.stat()
        os.utime(path, (times.st_atime, times.st_mtime - offset))


def prepare(project: Path) -> Environment:
    """An environment with all that `project` requires; made once for the same requirements."""
    requirements = (project / "pyproject.toml").read_bytes()
    key = hashlib.sha256(requirements + repr(FURTHER_TOOLS).encode()).hexdigest()[:16]
    folder = CACHE / f"environment-{key}"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            tool = uv.find_uv_bin()
            python = folder / "bin" / "python"
            # Compiled once: the commands that run in it write no bytecode of their own.
            install = [
                tool,
                "pip",
                "install",
                "--quiet",
                "--compile-bytecode",
                f"--python={python}",
            ]
            commands = [
                [tool, "venv", "--quiet", "--clear", "--python", "3.11", str(folder)],
                [*install, "--requirements", "pyproject.toml", "--group", "dev", *FURTHER_TOOLS],
            ]
            for command in commands:
                subprocess.run(command, cwd=project, check=True)
            (folder / "complete").touch()
    return Environment(folder)
