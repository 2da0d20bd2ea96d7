"""A full disk and a kill at every write, for real; folders that refuse to be written."""

import errno
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import Result, contents, fastgen, snapshot

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None and "FASTGEN_REQUIRE_SERVICES" not in os.environ,
    reason="strace is not there to inject faults",
)
CHUNKS = 8
# So that the same calls come in the same order in every run.
STEADY = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
COMMAND = ["new", "shop", "--json", "--no-git"]


def under_strace(folder: Path, *options: str) -> Result:
    tracer = ["strace", "-f", "--seccomp-bpf", "-qq", *options]
    return fastgen(*COMMAND, cwd=folder, env=STEADY, prefix=tracer)


@dataclass(frozen=True)
class Call:
    """The nth call of a system call in a run."""

    name: str
    number: int


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("complete")
    assert fastgen(*COMMAND, cwd=folder, env=STEADY).code == 0
    return contents(folder / "shop")


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Every call of an undisturbed run that changes a disk."""
    folder = tmp_path_factory.mktemp("calls")
    log = folder / "log"
    names = "write,openat,mkdir,rename,chmod"
    assert under_strace(folder, "-o", str(log), "-e", f"trace={names}").code == 0
    counts = dict.fromkeys(names.split(","), 0)
    found = []
    for line in log.read_text().splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if match and match[1] in counts:
            name, rest = match.groups()
            counts[name] += 1
            if name == "write" or (".fastgen-" in rest and (name != "openat" or "O_CREAT" in rest)):
                found.append(Call(name, counts[name]))
    assert len(found) > 200
    # Every write and every rename; of what prepares a write, each fourth.
    decisive = [call for call in found if call.name in {"write", "rename"}]
    return decisive + [call for call in found if call not in decisive][::4]


def outcome(folder: Path, before: object, complete: Mapping[str, bytes]) -> str:
    if (folder / "shop").exists():
        is_new = contents(folder / "shop") == complete and os.listdir(folder) == ["shop"]
        return "new" if is_new else "mixture"
    return "old" if snapshot(folder) == before else "mixture"


def fresh(tmp_path: Path, call: Call) -> Path:
    folder = tmp_path / f"{call.name}-{call.number}"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_full_disk_at_every_write(
    tmp_path: Path, chunk: int, calls: list[Call], complete: dict[str, bytes]
) -> None:
    ends = {}
    for call in calls[chunk::CHUNKS]:
        folder = fresh(tmp_path, call)
        before = snapshot(folder)
        fault = f"inject={call.name}:error=ENOSPC:when={call.number}"

        result = under_strace(folder, "-o", "/dev/null", "-e", fault)

        ends[call] = (result.code, outcome(folder, before, complete))

    assert set(ends.values()) <= {(5, "old"), (0, "new")}, ends
    assert (5, "old") in ends.values()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_kill_at_every_write(
    tmp_path: Path, chunk: int, calls: list[Call], complete: dict[str, bytes]
) -> None:
    writes = [call for call in calls if call.name in {"write", "rename"}]
    ends = {}
    for call in writes[chunk::CHUNKS]:
        folder = fresh(tmp_path, call)
        fault = f"inject={call.name}:signal=KILL:when={call.number}"

        under_strace(folder, "-o", "/dev/null", "-e", fault)

        left = os.listdir(folder)
        if call.number % 4 == 0:
            assert fastgen(*COMMAND, cwd=folder).code in {0, 3}
            assert outcome(folder, None, complete) == "new"
        elif left == ["shop"]:
            assert outcome(folder, None, complete) == "new"
        else:
            assert [name for name in left if not name.startswith(".fastgen-")] == []
        ends[call] = len(left)

    assert set(ends.values()) <= {0, 1}, ends


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
    is_root = os.geteuid() == 0
    prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=0"] if is_root else []
    if is_root and shutil.which("setpriv") is None:
        pytest.skip("root writes everywhere")

    result = fastgen("new", "shop", cwd=folder, prefix=prefix)

    assert result.code == 5
    assert os.strerror(errno.EACCES) in result.err
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
