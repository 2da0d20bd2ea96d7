"""A full disk and a kill while overlays are rendered, in fastgen or in the process of Copier."""

import os
from pathlib import Path

import pytest

from tests.cli.injection import STEADY, Call, disturb, needs_strace, trace
from tests.overlay_templates import HOUSE_RULES, make_template
from tests.support import contents, fastgen, snapshot

COMMAND = ["new", "shop", "--with", "none", "--no-git", "--json", "--overlay", "rules"]
STEP = 10 if os.environ.get("FASTGEN_EVERYTHING") == "1" else 200
"""Of the calls, one in so many is disturbed: a run with Copier takes seconds under strace."""
Tree = dict[str, bytes]


def start(folder: Path) -> Path:
    """A folder with the overlay in it, where the command runs."""
    make_template(folder / "rules", HOUSE_RULES)
    return folder


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    folder = start(tmp_path_factory.mktemp("complete"))
    assert fastgen(*COMMAND, cwd=folder, env=STEADY).code == 0
    return contents(folder / "shop")


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    folder = start(tmp_path_factory.mktemp("calls"))
    return trace(COMMAND, folder, folder / "log")


def outcome(folder: Path, before: object, complete: Tree) -> str:
    if snapshot(folder) == before:
        return "old"
    is_new = (folder / "shop").exists() and contents(folder / "shop") == complete
    return "new" if is_new else "mixture"


@needs_strace
def test_a_full_disk(tmp_path: Path, calls: list[Call], complete: Tree) -> None:
    ends = {}
    renames = [call for call in calls if call.name == "rename"]  # of git, which Copier starts
    removals = [call for call in calls if call.name == "rmdir"]  # of folders of Copier
    for call in [*calls[::STEP], *renames[:2], *removals[:2], calls[-1]]:
        folder = start(tmp_path / str(call))
        before = snapshot(folder)

        result = disturb(COMMAND, folder, call, "error=ENOSPC")

        ends[call] = (result.code, outcome(folder, before, complete))
    assert set(ends.values()) <= {(5, "old"), (0, "new")}, ends
    assert (5, "old") in ends.values()


@needs_strace
def test_a_kill_is_cleared_up_by_the_next_command(
    tmp_path: Path, calls: list[Call], complete: Tree
) -> None:
    ends = {}
    for call in calls[STEP // 2 :: STEP]:
        folder = start(tmp_path / str(call))

        code = disturb(COMMAND, folder, call, "signal=KILL").code
        assert fastgen(*COMMAND, cwd=folder).code in {0, 3}, call

        ends[call] = (code, outcome(folder, None, complete))
    assert {end for _, end in ends.values()} == {"new"}, ends
    assert -9 in [code for code, _ in ends.values()]
