"""Faults and signals at every step of `fastgen new`; folders that cannot be written."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.cli.injection import FRESH, STEADY, Call, disturb, needs_strace, sample, trace
from tests.support import FASTGEN, contents, fastgen, snapshot, without_privileges

CHUNKS = 4
"""How many tests share the calls, so that they can run beside each other."""
in_chunks = pytest.mark.parametrize("chunk", range(CHUNKS))
Tree = Mapping[str, bytes]


@pytest.fixture(scope="module", params=["shop", "."], ids=["new-folder", "current-folder"])
def target(request: pytest.FixtureRequest) -> str:
    """A folder that is to be made, or the current one."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def command(target: str) -> list[str]:
    return ["new", target, "--json", "--no-git"]


@pytest.fixture(scope="module")
def calls(target: str, command: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Every call of an undisturbed run that changes a disk.

    In the current folder, those from the second rename on: before, both do the same.
    """
    folder = tmp_path_factory.mktemp("calls")
    found = trace(command, start(folder, target), folder / "log")
    renames = [number for number, call in enumerate(found) if call.name == "rename"]
    return found[renames[1] :] if target == "." else found


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """The project that an undisturbed run makes."""
    folder = tmp_path_factory.mktemp("complete")
    assert fastgen("new", "shop", "--no-git", cwd=folder, env=STEADY).code == 0
    return contents(folder / "shop")


def start(folder: Path, target: str) -> Path:
    """The folder in which the command runs."""
    current = folder / "shop" if target == "." else folder / "parent"
    current.mkdir(parents=True)
    return current


def outcome(current: Path, target: str, before: object, complete: Tree) -> str:
    """Whether the project is there as a whole, or nothing has changed."""
    if snapshot(current) == before:
        return "old"
    project = current / target
    is_new = project.exists() and contents(project) == complete
    return "new" if is_new and not left_over(current) else "mixture"


def left_over(current: Path) -> list[str]:
    return [name for name in os.listdir(current) if name.startswith(".fastgen-")]


@needs_strace
def test_every_step_is_among_the_calls(calls: list[Call], target: str, complete: Tree) -> None:
    names = [call.name for call in calls]
    moved = {path.partition("/")[0] for path in complete} | {".env"}

    if target == ".":
        assert names.count("rename") == 1 + len(moved)
        assert names.count("rmdir") == 1
    else:
        assert names.count("rename") == 2
        assert names.count("write") >= len(complete)
        assert names.count("openat") >= len(complete)


@needs_strace
@in_chunks
def test_a_full_disk(
    tmp_path: Path, chunk: int, calls: list[Call], command: list[str], target: str, complete: Tree
) -> None:
    ends = {}
    for call in sample(calls, ends=4, step=12)[chunk::CHUNKS]:
        current = start(tmp_path / str(call), target)
        before = snapshot(current)

        result = disturb(command, current, call, "error=ENOSPC")

        ends[call] = (result.code, outcome(current, target, before, complete))

    assert set(ends.values()) <= {(5, "old"), (0, "new")}, ends
    assert (5, "old") in ends.values()


@needs_strace
@in_chunks
def test_a_kill_is_cleared_up_by_the_next_command(
    tmp_path: Path, chunk: int, calls: list[Call], command: list[str], target: str, complete: Tree
) -> None:
    writing = [call for call in calls if call.name in ("write", "mkdir", "rename", "rmdir")]
    for call in sample(writing, ends=3, step=20)[chunk::CHUNKS]:
        current = start(tmp_path / str(call), target)

        assert disturb(command, current, call, "signal=KILL").code == -9

        assert fastgen(*command, cwd=current).code in {0, 3}, call
        assert outcome(current, target, None, complete) == "new", call


@needs_strace
@pytest.mark.parametrize(("name", "number"), [("INT", 2), ("TERM", 15), ("HUP", 1)])
def test_a_signal(
    tmp_path: Path,
    name: str,
    number: int,
    calls: list[Call],
    command: list[str],
    target: str,
    complete: Tree,
) -> None:
    """It is sent twice, as by somebody who is in a hurry."""
    ends = {}
    # The first files that a process opens are libraries of Python, before fastgen runs.
    early = [Call("openat", 1), Call("openat", 40), Call("openat", 150)]
    for call in [*early, *sample(calls, ends=1, step=70)]:
        current = start(tmp_path / str(call), target)
        before = snapshot(current)

        program = FRESH if call in early else FASTGEN
        result = disturb(command, current, call, f"signal={name}", count=2, program=program)

        code = result.code
        if call in early and code == 1 and name == "INT":
            code = -number  # Python itself answers Ctrl-C while it starts
        ends[call] = (code, outcome(current, target, before, complete))

    stopped = {(-number, "old"), (128 + number, "old")}
    assert set(ends.values()) <= {(0, "new"), (-number, "new"), (128 + number, "new")} | stopped
    assert stopped & {*ends.values()}, ends


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for 96 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_small_disk(small_disk: Path) -> None:
    before = snapshot(small_disk)

    result = fastgen("new", "shop", cwd=small_disk)

    assert result.code == 5
    assert "No space left on device" in result.err
    assert snapshot(small_disk) == before


@pytest.mark.parametrize("arguments", [["new", "shop"], ["new", "."]])
def test_a_read_only_disk(small_disk: Path, arguments: list[str]) -> None:
    folder = small_disk / "shop"
    folder.mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = snapshot(small_disk)

    result = fastgen(*arguments, cwd=folder)

    assert result.code == 5
    assert "Read-only file system" in result.err
    assert snapshot(small_disk) == before


def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o555)
    before = snapshot(folder)
    result = fastgen("new", "shop", cwd=folder, prefix=without_privileges())

    assert result.code == 5
    assert f"`{folder}`: {os.strerror(errno.EACCES)}." in result.err
    assert snapshot(folder) == before


@pytest.mark.parametrize("limit", [5, 6, 7, 8])
def test_too_many_open_files(tmp_path: Path, limit: int) -> None:
    before = snapshot(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "fastgen", "new", "shop", "--json"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
    )

    if done.returncode == 0:
        assert (tmp_path / "shop" / "app" / "main.py").exists()
    else:
        assert done.returncode == 5
        assert "Too many open files" in done.stdout
        assert snapshot(tmp_path) == before
