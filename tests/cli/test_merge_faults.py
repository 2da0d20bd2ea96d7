"""A full disk and a kill while merges are written, in a project that people have edited."""

import shutil
from pathlib import Path

import pytest

from tests.cli.injection import STEADY, Call, disturb, needs_strace, sample, trace
from tests.support import contents, fastgen, generate, snapshot

COMMANDS = (
    ["add", "field", "items", "note:text:optional", "--json"],
    ["add", "pattern", "streaming", "--json"],
    ["remove", "pattern", "cache", "--json"],
    ["remove", "field", "items", "price", "--json"],
    ["add", "pattern", "auth", "--json"],
)
Tree = dict[str, bytes]


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("edited"), patterns=("database", "cache"))
    for path in ("app/models/item.py", "app/schemas/item.py", "app/lifespan.py"):
        text = (project / path).read_text()
        (project / path).write_text(f"# Ours.\n{text}")
    return project


@pytest.fixture(scope="module", params=COMMANDS, ids=lambda command: "-".join(command[:3]))
def command(request: pytest.FixtureRequest) -> list[str]:
    words: list[str] = request.param
    return words


@pytest.fixture(scope="module")
def complete(edited: Path, command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Tree:
    project = tmp_path_factory.mktemp("complete") / "shop"
    shutil.copytree(edited, project)
    assert fastgen(*command, cwd=project, env=STEADY).code == 0
    return contents(project)


@pytest.fixture(scope="module")
def calls(edited: Path, command: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Some of the calls of an undisturbed run that change the project."""
    folder = tmp_path_factory.mktemp("calls")
    shutil.copytree(edited, folder / "shop")
    return sample(
        trace(command, folder / "shop", folder / "log"),
        ends=1,
        step=100,
        share=(COMMANDS.index(command) % 3, 3),
    )


@needs_strace
def test_a_full_disk(
    edited: Path, tmp_path: Path, command: list[str], calls: list[Call], complete: Tree
) -> None:
    ends = set()
    for call in calls:
        project = tmp_path / str(call)
        shutil.copytree(edited, project)
        before = snapshot(project)

        code = disturb(command, project, call, "error=ENOSPC").code

        is_new = contents(project) == complete
        ends.add((code, "new" if is_new else "old" if snapshot(project) == before else "mixture"))

    assert ends <= {(5, "old"), (0, "new")}
    assert (5, "old") in ends


@needs_strace
def test_a_kill(
    edited: Path, tmp_path: Path, command: list[str], calls: list[Call], complete: Tree
) -> None:
    ends = set()
    for call in calls:
        project = tmp_path / str(call)
        shutil.copytree(edited, project)
        old = contents(project)

        # If git is killed, which merges texts, fastgen merges them itself.
        assert disturb(command, project, call, "signal=KILL").code in (-9, 0)
        assert fastgen("add", "middleware", "cors", cwd=project).code == 0

        found = contents(project)
        ends.add("new" if found == complete else "old" if found == old else "mixture")

    assert ends
    assert ends <= {"old", "new"}
