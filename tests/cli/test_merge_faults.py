"""A full disk and a kill while a merge is written, in a project that people have edited."""

import shutil
from pathlib import Path

import pytest

from tests.cli.injection import STEADY, Call, disturb, needs_strace, sample, trace
from tests.support import contents, fastgen, generate, snapshot

COMMAND = ["add", "field", "items", "note:text:optional", "--json"]


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("edited"), patterns=("database",))
    for path in ("app/models/item.py", "app/schemas/item.py"):
        text = (project / path).read_text()
        (project / path).write_text(f"# Ours.\n{text}")
    return project


@pytest.fixture(scope="module")
def complete(edited: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    project = tmp_path_factory.mktemp("complete") / "shop"
    shutil.copytree(edited, project)
    assert fastgen(*COMMAND, cwd=project, env=STEADY).code == 0
    return contents(project)


@pytest.fixture(scope="module")
def calls(edited: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """Some of the calls of an undisturbed run that change the project."""
    folder = tmp_path_factory.mktemp("calls")
    shutil.copytree(edited, folder / "shop")
    return sample(trace(COMMAND, folder / "shop", folder / "log"), ends=1, step=9)


@needs_strace
def test_a_full_disk(
    edited: Path, tmp_path: Path, calls: list[Call], complete: dict[str, bytes]
) -> None:
    ends = set()
    for call in calls:
        project = tmp_path / str(call)
        shutil.copytree(edited, project)
        before = snapshot(project)

        code = disturb(COMMAND, project, call, "error=ENOSPC").code

        is_new = contents(project) == complete
        ends.add((code, "new" if is_new else "old" if snapshot(project) == before else "mixture"))

    assert ends <= {(5, "old"), (0, "new")}
    assert (5, "old") in ends


@needs_strace
def test_a_kill(
    edited: Path, tmp_path: Path, calls: list[Call], complete: dict[str, bytes]
) -> None:
    ends = set()
    for call in calls:
        project = tmp_path / str(call)
        shutil.copytree(edited, project)
        old = contents(project)

        # If git is killed, which merges texts, fastgen merges them itself.
        assert disturb(COMMAND, project, call, "signal=KILL").code in (-9, 0)
        assert fastgen("add", "middleware", "cors", cwd=project).code == 0

        found = contents(project)
        ends.add("new" if found == complete else "old" if found == old else "mixture")

    assert ends == {"old", "new"}
