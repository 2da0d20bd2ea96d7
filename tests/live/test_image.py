"""The image of a project without a container engine: each step of its Dockerfile as a command.

The folders of the image lie below a clean folder. `FROM` and the download of uv are left out.
Commands run in namespaces of their own: as process 1, as the user of the image, with a
read-only root.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest
import uv
import yaml

from tests.environment import Environment
from tests.live.server import CLIENT, PRODUCTION, free_port, until
from tests.matrix.combinations import ALL
from tests.services import POSTGRESQL, REDIS, missing
from tests.support import Result, generate

FOLDERS = re.compile(r"(?<![\w./-])/(venv|project|data)\b")
KEPT = re.compile(r"(HOME|PIP|UV|SSL)|.*_proxy$", re.IGNORECASE)
PRIVILEGED = ["sudo", "--non-interactive"] * bool(os.getuid())
STEP = """
cp --archive /etc "$0"
mount --bind "$0/etc" /etc
sh -euc "$1"
"""
"""A step that changes users, which stay in the namespace."""
CONTAINER = """
mount --bind "$0" "$0"
mount --bind "$0/data" "$0/data"
mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"
mount --options remount,bind,ro "$0"
mount --options remount,bind,ro /
cd "$0/project"
exec setpriv --reuid "${1%:*}" --regid "${1#*:}" --clear-groups --no-new-privs \\
    --bounding-set=-all env --ignore-environment "${@:2}"
"""
"""A command as Compose and Kubernetes run it: only /data and /tmp can be written."""
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

    def step(self, line: str) -> None:
        """Run a step of the image as root, in a namespace with a copy of the users."""
        done = subprocess.run(
            in_namespaces(STEP, str(self.root), self.at(line)),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)

    @contextmanager
    def running(self, command: list[str], settings: Mapping[str, str]) -> Iterator["Container"]:
        """Start a command in a container; it is killed at the end of the block."""
        own = {**settings, "HOME": "/nonexistent", "TMPDIR": f"{self.root}/tmp"}
        variables = [f"{name}={value}" for name, value in self.environment(own).items()]
        arguments = [str(self.root), self.user, *variables, *command]
        with TemporaryFile("w+") as log:
            process = subprocess.Popen(
                in_namespaces(CONTAINER, *arguments), stdout=log, stderr=subprocess.STDOUT
            )
            container = Container(process, log)
            try:
                yield container
            finally:
                if process.poll() is None:
                    container.send(signal.SIGKILL)
                process.wait()

    def run(self, command: list[str], settings: Mapping[str, str]) -> Result:
        with self.running(command, settings) as container:
            code = container.process.wait(SECONDS)
            return Result(code, container.output, "")


@dataclass
class Container:
    """A running command."""

    process: subprocess.Popen[bytes]
    log: IO[str]

    @property
    def output(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to process 1 of the container."""
        kill = ["kill", f"-{number.value}", str(first_process(self.process.pid))]
        subprocess.run([*PRIVILEGED, *kill], check=True)

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.send(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def has_logged(self, text: str) -> bool:
        assert self.process.poll() is None, self.output
        return text in self.output


def in_namespaces(script: str, *arguments: str) -> list[str]:
    """The command for a script with own mounts and processes; `$0` is its first argument."""
    own = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    return [*PRIVILEGED, *own, "bash", "-euc", script, *arguments]


def first_process(process: int) -> int:
    """Process 1 of the namespace that a process has made."""
    while not re.search(
        r"^NSpid:.*\t1$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE
    ):
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        process = int(children[0]) if children else process
    return process


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
            case "RUN":
                run = image.step if "useradd" in rest else image.shell
                run(re.sub(r"--mount=\S+", "", rest))
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
    if subprocess.run(in_namespaces("true"), capture_output=True, check=False).returncode:
        missing("namespaces need root, or sudo without a password")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        (path / "tmp").mkdir()
        yield path
        subprocess.run([*PRIVILEGED, "chown", "-R", f"{os.getuid()}", folder], check=True)


@pytest.fixture
def servers(environment: Environment) -> Iterator[dict[str, str]]:
    """The settings for PostgreSQL and Redis."""
    with POSTGRESQL.database(environment) as database, REDIS.keys(environment) as prefix:
        yield {
            "DATABASE_URL": POSTGRESQL.url + database,
            "REDIS_URL": REDIS.url,
            "REDIS_PREFIX": prefix,
        }


def test_the_steps_of_the_image(root: Path, tmp_path: Path, servers: dict[str, str]) -> None:
    """For the fullest project: its migration, the service and the worker."""
    project = generate(tmp_path, patterns=ALL[-1])
    (project / ".env").write_text("SECRET_KEY=of-this-machine\n")

    image = build(project, root)

    built = files_of(root / "project")
    names = {path.relative_to(root / "project").parts[0] for path in built}
    assert names == {"app", "migrations", "pyproject.toml"}
    data = (root / "data").stat()
    assert f"{data.st_uid}:{data.st_gid}" == image.user == "10001:10001"
    services = yaml.safe_load((project / "compose.yaml").read_text("utf-8"))["services"]
    folders = {
        name: image.at(value)
        for name, value in services["app"]["environment"].items()
        if value.startswith("/")
    }
    listening = {"PORT": str(free_port()), "HOST": "127.0.0.1", "SHUTDOWN_DRAIN_SECONDS": "0"}
    settings = {**PRODUCTION, **listening, **folders, **servers}
    assert image.run(services["migrate"]["command"], settings).code == 0
    assert "refused" in image.run(image.health, settings).out
    with (
        image.running(image.command, settings) as service,
        image.running(services["worker"]["command"], settings) as worker,
    ):
        until(lambda: service.has_logged("") and not image.run(image.health, settings).code)
        until(lambda: worker.has_logged("worker_started"))
        assert CLIENT.get(f"http://127.0.0.1:{listening['PORT']}/ready").status_code == 200
        assert (worker.stop(), service.stop()) == (0, 0), worker.output + service.output
        assert "worker_stopped" in worker.output
    assert files_of(root / "project") == built


def files_of(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_only_data_and_temporary_files_are_written(root: Path) -> None:
    (root / "project").mkdir()
    (root / "data").mkdir()
    (root / "data").chmod(0o777)
    (root / "project").chmod(0o777)
    image = Image(root, user="10001:10001")

    def write(path: Path) -> str:
        return image.run(["touch", str(path)], {}).out

    assert write(root / "data" / "file") == write(root / "tmp" / "file") == ""
    assert "Read-only file system" in write(root / "project" / "file")
    assert "Read-only file system" in write(root.parent / "file")


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
