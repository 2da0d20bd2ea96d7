"""A full disk, a kill and a signal at every step of `add` and `remove`."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.injection import STEADY, Call, disturb, needs_strace, sample, trace
from tests.support import contents, fastgen, generate, snapshot, without_privileges

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
    """The project after an undisturbed command."""
    project = tmp_path_factory.mktemp("complete") / "shop"
    shutil.copytree(fresh, project)
    assert fastgen(*command, cwd=project, env=STEADY).code == 0
    return contents(project)


def copy(fresh: Path, folder: Path) -> Path:
    shutil.copytree(fresh, folder)
    return folder


@pytest.fixture(scope="module")
def calls(fresh: Path, command: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Every call of an undisturbed run that changes the project."""
    folder = tmp_path_factory.mktemp("calls")
    found = trace(command, copy(fresh, folder / "shop"), folder / "log")
    assert sum(call.name in ("rename", "link") for call in found) > 8
    return found


def outcome(project: Path, before: object, complete: Tree) -> str:
    if contents(project) == complete:
        return "new"
    return "old" if snapshot(project) == before else "mixture"


@needs_strace
def test_a_full_disk(
    fresh: Path, tmp_path: Path, command: list[str], calls: list[Call], complete: Tree
) -> None:
    ends = {}
    for call in sample(calls, ends=2, step=6):
        project = copy(fresh, tmp_path / str(call))
        before = snapshot(project)

        result = disturb(command, project, call, "error=ENOSPC")

        ends[call] = (result.code, outcome(project, before, complete))
        shutil.rmtree(project)

    assert set(ends.values()) <= {(5, "old"), (0, "new")}, ends
    assert (5, "old") in ends.values()


@needs_strace
def test_a_kill_is_mended_by_the_next_command(
    fresh: Path, tmp_path: Path, command: list[str], calls: list[Call], complete: Tree
) -> None:
    ends = {}
    for call in sample(calls, ends=2, step=6):
        project = copy(fresh, tmp_path / str(call))
        old = contents(project)

        assert disturb(command, project, call, "signal=KILL").code == -9
        # Any command that writes clears up first; this one has nothing to do itself.
        assert fastgen("add", "middleware", "cors", cwd=project).code == 0

        ends[call] = "new" if contents(project) == complete else "mixture"
        ends[call] = "old" if contents(project) == old else ends[call]
        shutil.rmtree(project)

    assert set(ends.values()) == {"old", "new"}, ends


@needs_strace
@pytest.mark.parametrize(("name", "number"), [("INT", 2), ("TERM", 15), ("HUP", 1)])
def test_a_signal(
    fresh: Path,
    tmp_path: Path,
    name: str,
    number: int,
    command: list[str],
    calls: list[Call],
    complete: Tree,
) -> None:
    """It is sent twice, as by somebody who is in a hurry."""
    ends = {}
    for call in [Call("openat", 1), *sample(calls, ends=1, step=12)]:
        project = copy(fresh, tmp_path / str(call))
        before = snapshot(project)

        result = disturb(command, project, call, f"signal={name}", count=2)

        ends[call] = (result.code, outcome(project, before, complete))

    stopped = {(-number, "old"), (128 + number, "old")}
    assert set(ends.values()) <= {(0, "new"), (-number, "new"), (128 + number, "new")} | stopped
    assert stopped & {*ends.values()}, ends


def test_a_folder_that_cannot_be_written(fresh: Path, tmp_path: Path) -> None:
    project = copy(fresh, tmp_path / "shop")
    folder = project / "app" / "middleware"
    folder.chmod(0o555)
    before = snapshot(project)
    result = fastgen(*ADD, cwd=project, prefix=without_privileges())

    assert (result.code, result.document["error"]["code"]) == (5, "environment")
    assert f"`{folder}/" in result.document["error"]["message"]
    assert snapshot(project) == before
    folder.chmod(0o755)
