"""A full disk, a kill and a signal at any moment of `add` and `remove`, for real."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import FASTGEN, Result, contents, fastgen, generate, snapshot

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None and "FASTGEN_REQUIRE_SERVICES" not in os.environ,
    reason="strace is not there to inject faults",
)
# So that the same calls come in the same order in every run.
STEADY = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
ADD = ["add", "middleware", "rate-limit", "--json"]
REMOVE = ["remove", "router", "items", "--json"]
Tree = Mapping[str, bytes]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("fresh"), patterns=("database",))


@pytest.fixture(scope="module", params=[ADD, REMOVE], ids=["add", "remove"])
def command(request: pytest.FixtureRequest) -> list[str]:
    words: list[str] = request.param
    return words


@pytest.fixture(scope="module")
def complete(fresh: Path, command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """What an undisturbed command makes of the project."""
    project = tmp_path_factory.mktemp("complete") / "shop"
    shutil.copytree(fresh, project)
    assert fastgen(*command, cwd=project, env=STEADY).code == 0
    return contents(project)


def copy(fresh: Path, folder: Path) -> Path:
    shutil.copytree(fresh, folder)
    return folder


def under_strace(project: Path, command: list[str], *options: str) -> Result:
    tracer = ["strace", "-f", "--seccomp-bpf", "-qq", *options]
    return fastgen(*command, cwd=project, env=STEADY, prefix=tracer)


@dataclass(frozen=True)
class Call:
    """The nth call of a system call in a run."""

    name: str
    number: int


@pytest.fixture(scope="module")
def calls(fresh: Path, command: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Every call of an undisturbed run that changes the project."""
    folder = tmp_path_factory.mktemp("calls")
    log, names = folder / "log", "write,mkdir,rename,link"
    traced = ["-o", str(log), "-e", f"trace={names}"]
    assert under_strace(copy(fresh, folder / "shop"), command, *traced).code == 0
    counts = dict.fromkeys(names.split(","), 0)
    found = []
    for line in log.read_text().splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if match and match[1] in counts:
            counts[match[1]] += 1
            found.append(Call(match[1], counts[match[1]]))
    decisive = [call for call in found if call.name in ("rename", "link")]
    assert len(decisive) > 8
    return decisive + [call for call in found if call not in decisive][::3]


def outcome(project: Path, before: object, complete: Tree) -> str:
    if contents(project) == complete:
        return "new"
    return "old" if snapshot(project) == before else "mixture"


@needs_strace
def test_a_full_disk_at_every_write(
    fresh: Path, tmp_path: Path, command: list[str], calls: list[Call], complete: Tree
) -> None:
    ends = {}
    for call in calls:
        project = copy(fresh, tmp_path / f"{call.name}-{call.number}")
        before = snapshot(project)
        fault = f"inject={call.name}:error=ENOSPC:when={call.number}"

        result = under_strace(project, command, "-o", "/dev/null", "-e", fault)

        ends[call] = (result.code, outcome(project, before, complete))
        shutil.rmtree(project)

    assert set(ends.values()) <= {(5, "old"), (0, "new")}, ends
    assert (5, "old") in ends.values()


@needs_strace
def test_a_kill_at_every_write_is_mended_by_the_next_command(
    fresh: Path, tmp_path: Path, command: list[str], calls: list[Call], complete: Tree
) -> None:
    ends = {}
    for call in calls:
        project = copy(fresh, tmp_path / f"{call.name}-{call.number}")
        old = contents(project)
        fault = f"inject={call.name}:signal=KILL:when={call.number}"

        under_strace(project, command, "-o", "/dev/null", "-e", fault)
        # Any command that writes clears up first; this one has nothing to do itself.
        assert fastgen("add", "middleware", "cors", cwd=project).code == 0

        ends[call] = "new" if contents(project) == complete else "mixture"
        ends[call] = "old" if contents(project) == old else ends[call]
        shutil.rmtree(project)

    assert set(ends.values()) == {"old", "new"}, ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_old_tree_or_the_new_one(
    fresh: Path, tmp_path: Path, command: list[str], number: signal.Signals, complete: Tree
) -> None:
    started = time.perf_counter()
    fastgen(*command, "--dry-run", cwd=fresh)
    duration = time.perf_counter() - started
    for moment in (0.2, 0.6, 0.9, 1.0):
        project = copy(fresh, tmp_path / str(moment))
        before = snapshot(project)
        with subprocess.Popen(
            [*FASTGEN, *command],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            time.sleep(duration * moment)
            process.send_signal(number)
            process.send_signal(number)
            process.wait()

        assert outcome(project, before, complete) in ("old", "new")
        assert process.returncode in {0, -number, 128 + number}
        if outcome(project, before, complete) == "old":
            assert process.returncode != 0


def test_a_folder_that_cannot_be_written(fresh: Path, tmp_path: Path) -> None:
    project = copy(fresh, tmp_path / "shop")
    folder = project / "app" / "middleware"
    folder.chmod(0o555)
    before = snapshot(project)
    is_root = os.geteuid() == 0
    prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=0"] if is_root else []
    if is_root and shutil.which("setpriv") is None:
        pytest.skip("root writes everywhere")

    result = fastgen(*ADD, cwd=project, prefix=prefix)

    assert (result.code, result.document["error"]["code"]) == (5, "environment")
    assert snapshot(project) == before
    folder.chmod(0o755)
