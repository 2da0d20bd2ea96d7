"""Branches that each change the state of a project, merged by git in both directions."""

import shutil
import subprocess
from pathlib import Path

import pytest

from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.state import State, read_state
from tests.support import contents, fastgen, generate, snapshot

ROUTERS = Path("app", "api", "v1", "router.py")
GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
CONFLICT = ("<<<<<<< ", "||||||| ", "=======", ">>>>>>> ")


def git(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*GIT, *arguments], cwd=project, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("fresh"), patterns=("database",))
    git(project, "init", "--initial-branch=main")
    git(project, "add", ".")
    git(project, "commit", "-m", "new")
    return project


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path / "shop")
    return tmp_path / "shop"


def branch(project: Path, name: str, *commands: str) -> None:
    """A branch from `main` with the commands run."""
    git(project, "switch", "--create", name, "main")
    for command in commands:
        result = fastgen(*command.split(), cwd=project)
        assert result.code == 0, result.err
    git(project, "add", ".")
    git(project, "commit", "-m", name)


def merge(project: Path, ours: str, theirs: str) -> list[str]:
    """Merge one branch into another and accept both sides; the paths that had conflicts."""
    git(project, "switch", "--detach", ours)
    subprocess.run([*GIT, "merge", theirs], cwd=project, check=False, capture_output=True)
    conflicts = git(project, "diff", "--name-only", "--diff-filter=U").split()
    for path in conflicts:
        lines = (project / path).read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(CONFLICT)]
        (project / path).write_text("".join(kept))
    git(project, "add", ".")
    git(project, "commit", "--allow-empty", "-m", "merge")
    return conflicts


def merged(project: Path, *branches: str) -> State:
    """The state after a merge in either direction, in which no file of the state conflicts."""
    states = []
    for ours, theirs in (branches, reversed(branches)):
        conflicts = merge(project, ours, theirs)
        assert [path for path in conflicts if ".fastgen" in path] == []
        states.append(read_state(project))
    assert states[0] == states[1]
    assert [one.after for one in states[0].operations] == [
        one.after for one in states[1].operations
    ]
    return states[0]


def names(state: State) -> list[str]:
    return [one.name for one in state.operations]


def test_each_adds_a_router(project: Path) -> None:
    branch(project, "orders", "add router orders --field total:int")
    branch(project, "zones", "add router zones --field label:str:max=80")

    state = merged(project, "orders", "zones")

    assert names(state) == ["items", "feedback", "orders", "zones"]
    assert [one.after for one in state.operations[2:]] == ["router-feedback", "router-feedback"]


def test_later_additions_come_last(project: Path) -> None:
    branch(project, "orders", "add router orders")
    branch(project, "zones", "add router zones")
    merged(project, "orders", "zones")

    result = fastgen("add", "middleware", "timing", cwd=project)

    assert result.code == 0, result.err
    assert names(read_state(project)) == ["items", "feedback", "orders", "zones", "timing"]
    assert git(project, "status", "--porcelain", "--", ".fastgen", ".fastgen.toml") == (
        "?? .fastgen/operations/middleware-timing.toml\n"
    )
    listed = fastgen("list", "routers", cwd=project).out.splitlines()
    assert [line.split()[0] for line in listed] == ["items", "feedback", "orders", "zones"]


def test_removing_in_a_merged_project_keeps_the_order(project: Path) -> None:
    branch(project, "orders", "add router orders", "add middleware timing", "add middleware csrf")
    branch(project, "zones", "add router zones", "add router areas")
    before = names(merged(project, "zones", "orders"))
    assert before == ["items", "feedback", "orders", "timing", "csrf", "zones", "areas"]

    for name in ("timing", "csrf"):
        assert fastgen("remove", "middleware", name, cwd=project).code == 0
        before.remove(name)
        assert names(read_state(project)) == before


def test_one_adds_behind_what_the_other_removes(project: Path) -> None:
    git(project, "switch", "main")
    assert fastgen("add", "middleware", "timing", cwd=project).code == 0
    git(project, "add", ".")
    git(project, "commit", "-m", "timing")
    branch(project, "less", "remove middleware timing")
    branch(project, "more", "add middleware csrf")

    state = merged(project, "less", "more")

    assert names(state) == ["csrf", "items", "feedback"]
    assert fastgen("remove", "middleware", "csrf", cwd=project).code == 0
    assert names(read_state(project)) == ["items", "feedback"]


def test_a_router_goes_whose_reference_was_removed(tmp_path: Path) -> None:
    orders = Operation("router", "orders", {"fields": ("item:ref(items)",)})
    project = generate(tmp_path, operations=[*EXAMPLES, orders])
    git(project, "init", "--initial-branch=main")
    (project / ".fastgen/operations/router-items.toml").unlink()
    without = fastgen("add", "router", "orders", "--field", "item:ref(items)", cwd=project)
    assert without.code == 4
    assert "router-orders.toml` is damaged: there is no router `items` to refer to." in without.err

    result = fastgen("remove", "router", "orders", cwd=project)

    assert result.code == 0, result.err
    assert not any("order" in path for path in contents(project))


def test_the_same_name_with_other_options_is_a_conflict(project: Path) -> None:
    branch(project, "one", "add router orders --field total:int")
    branch(project, "other", "add router orders --field label:str:max=80")
    git(project, "switch", "one")
    subprocess.run([*GIT, "merge", "other"], cwd=project, check=False, capture_output=True)
    before = snapshot(project)

    result = fastgen("add", "middleware", "timing", cwd=project)

    assert result.code == 4
    assert "router-orders.toml` has unresolved merge conflicts." in result.err
    assert snapshot(project) == before


def test_the_same_operation_is_no_conflict(project: Path) -> None:
    for name in ("one", "other"):
        branch(project, name, "add middleware timing")

    assert names(merged(project, "one", "other")) == ["items", "feedback", "timing"]


def test_git_keeps_the_state_of_a_project(project: Path) -> None:
    tracked = git(project, "ls-files").splitlines()

    assert [path for path in tracked if path.startswith(".fastgen")] == [
        ".fastgen.toml",
        ".fastgen/operations/router-feedback.toml",
        ".fastgen/operations/router-items.toml",
    ]


def test_a_checkout_with_line_ends_of_windows(project: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--config", "core.autocrlf=true", str(project), str(clone))
    files = [clone / ".fastgen.toml", *(clone / ".fastgen" / "operations").iterdir()]
    assert all(b"\r\n" in path.read_bytes() for path in files)
    before = contents(clone)

    for command in ("add middleware timing", "remove middleware timing"):
        assert fastgen(*command.split(), cwd=clone).code == 0

    assert contents(clone) == before
