"""The image of a project without a container engine: each step of its Dockerfile as a command.

The folders of the image lie below a clean folder. `FROM`, what downloads uv, and the step that
makes the user are left out; the service runs as another user than the owner of its files.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest
import uv

from tests.live.server import PRODUCTION, free_port
from tests.support import Result, generate

FOLDERS = re.compile(r"(?<![\w./-])/(venv|project|data)\b")
KEPT = re.compile(r"(HOME|PIP|UV|SSL)|.*_proxy$", re.IGNORECASE)
NOBODY = 65534
PYTHON = {"UV_PYTHON": "/usr/bin/python3"} if os.getuid() == 0 else {}
"""An interpreter that any user may run, where the tests run as root."""
SECONDS = 60


@dataclass
class Image:
    """What the instructions have left."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    user: str = ""
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def at(self, text: str) -> str:
        """The text with paths of the image as paths of this machine."""
        return FOLDERS.sub(lambda match: f"{self.root}/{match[1]}", text)

    def shell(self, line: str) -> None:
        done = subprocess.run(
            ["sh", "-euc", self.at(line)],
            cwd=self.root / "project",
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)

    def environment(self, further: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables of a container."""
        tools = f"{Path(uv.find_uv_bin()).parent}:{os.environ['PATH']}"
        own = {name: self.at(value) for name, value in self.variables.items()}
        path = own.get("PATH", "$PATH").replace("$PATH", tools)
        kept = {name: text for name, text in os.environ.items() if KEPT.match(name)}
        return {**kept, **PYTHON, **own, "PATH": path, **(further or {})}

    def start(self, command: list[str], settings: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start a command in a container, as its user."""
        return subprocess.Popen(
            command,
            cwd=self.root / "project",
            env=self.environment({**settings, "HOME": "/nonexistent"}),
            user=NOBODY if os.getuid() == 0 else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: list[str], settings: Mapping[str, str]) -> Result:
        with self.start(command, settings) as process:
            output = process.communicate(timeout=SECONDS)[0]
            return Result(process.returncode, output, "")


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", dockerfile, flags=re.MULTILINE).replace("\\\n", "")
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        yield word, rest.strip()


def build(project: Path, root: Path) -> Image:
    """Follow the instructions of both stages, one after the other, in the same folders."""
    image = Image(root)
    for word, rest in instructions((project / "Dockerfile").read_text("utf-8")):
        match word:
            case "FROM":
                image.variables = {}
                shutil.rmtree(root / "project", ignore_errors=True)
            case "ENV":
                image.variables |= dict(each.split("=", 1) for each in shlex.split(rest))
            case "WORKDIR":
                Path(image.at(rest)).mkdir(exist_ok=True)
            case "COPY" if "--from" not in rest:
                *sources, target = rest.split()
                copy(project, sources, root / "project" / target)
            case "RUN" if "useradd" not in rest:
                image.shell(re.sub(r"--mount=\S+", "", rest))
            case "USER":
                image.user = rest
            case "CMD":
                image.command = json.loads(rest)
            case "HEALTHCHECK":
                image.health = json.loads(rest.partition(" CMD ")[2])
    return image


def copy(project: Path, patterns: list[str], target: Path) -> None:
    lines = (project / ".dockerignore").read_text("utf-8").splitlines()
    ignored = [line for line in lines if line and not line.startswith("#")]

    def skip(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).relative_to(project)
        return {
            name
            for name in names
            for pattern in ignored
            if fnmatch(str(here / name), pattern) or fnmatch(name, pattern.removeprefix("**/"))
            if here == Path() or pattern.startswith("**/")
        }

    for pattern in patterns:
        if pattern == ".":
            shutil.copytree(project, target, ignore=skip, dirs_exist_ok=True)
        else:
            target.mkdir(exist_ok=True)
            for path in project.glob(pattern):
                shutil.copy(path, target)


@pytest.fixture
def root() -> Iterator[Path]:
    """A clean folder that every user may read; pytest's own are its user's alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        (path / "data").mkdir()
        (path / "data").chmod(0o777)
        yield path


def test_the_steps_of_the_image(root: Path, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=("database",))
    (project / ".env").write_text("SECRET_KEY=of-this-machine\n")

    image = build(project, root)

    built = {path for path in (root / "project").rglob("*") if path.is_file()}
    names = {path.relative_to(root / "project").parts[0] for path in built}
    assert names == {"app", "migrations", "pyproject.toml"}
    assert image.user == "10001:10001"
    port = str(free_port())
    database = f"sqlite:///{root}/data/app.db"
    settings = {**PRODUCTION, "PORT": port, "DATABASE_URL": database, "HOST": "127.0.0.1"}
    migration = image.run(["alembic", "upgrade", "head"], settings)
    assert migration.code == 0, migration.out
    assert "refused" in image.run(image.health, settings).out
    with image.start(image.command, settings) as service:
        try:
            wait_until_healthy(image, settings, service)
            service.send_signal(signal.SIGTERM)
            log = service.communicate(timeout=SECONDS)[0]
        finally:
            service.kill()
    assert service.returncode == -signal.SIGTERM, log
    assert {path for path in (root / "project").rglob("*") if path.is_file()} == built


def wait_until_healthy(
    image: Image, settings: Mapping[str, str], service: subprocess.Popen[str]
) -> None:
    deadline = time.monotonic() + SECONDS
    while image.run(image.health, settings).code:
        assert service.poll() is None, service.communicate()[0]
        assert time.monotonic() < deadline


def test_a_lock_file_is_followed(root: Path, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=())
    lock = [uv.find_uv_bin(), "lock", "--quiet", "--upgrade-package=click<8.2"]
    subprocess.run(lock, cwd=project, check=True)

    build(project, root)

    (installed,) = (root / "venv" / "lib").glob("python*/site-packages/click-*.dist-info")
    locked = re.search(r'name = "click"\nversion = "(.+)"', (project / "uv.lock").read_text())
    assert locked
    assert installed.name == f"click-{locked[1]}.dist-info"
    metadata = (project / "pyproject.toml").read_text("utf-8")
    (project / "pyproject.toml").write_text(metadata.replace("anyio>=4.16", "anyio>=4.15"))
    with pytest.raises(RuntimeError, match="needs to be updated"):
        build(project, root)
