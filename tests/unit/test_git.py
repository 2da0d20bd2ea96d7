"""A file is uncommitted only if git says so."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fastgen import programs
from fastgen.errors import EnvironmentFault
from fastgen.git import init_repository, may_be_committed
from fastgen.git_index import check_checked_out

COMMIT = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *COMMIT, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "--message", "x")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "repository" / "shop" / "versions" / "a[1].py"
    file.parent.mkdir(parents=True)
    file.write_text("revision = 1\n")
    return file


@pytest.fixture
def repository(file: Path) -> Path:
    folder = file.parents[2]
    git(folder, "init", "--initial-branch=main")
    return folder


def test_without_a_repository(file: Path) -> None:
    assert not may_be_committed(file)


def test_without_a_repository_git_is_not_needed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    assert not may_be_committed(file)


def test_without_commits(repository: Path, file: Path) -> None:
    assert not may_be_committed(file)


def test_among_other_commits(repository: Path, file: Path) -> None:
    (repository / "other").write_text("")
    git(repository, "add", "other")
    git(repository, "commit", "--message", "x")

    assert not may_be_committed(file)


def test_a_name_is_no_pattern(repository: Path, file: Path) -> None:
    file.with_name("a1.py").write_text("")
    git(repository, "add", "shop/versions/a1.py")
    git(repository, "commit", "--message", "x")

    assert not may_be_committed(file)


def test_staged(repository: Path, file: Path) -> None:
    git(repository, "add", ".")

    assert may_be_committed(file)


def test_committed(repository: Path, file: Path) -> None:
    commit(repository)

    assert may_be_committed(file)


def test_committed_and_deleted_later(repository: Path, file: Path) -> None:
    commit(repository)
    git(repository, "rm", "--cached", "-r", "shop")
    git(repository, "commit", "--message", "y")

    assert may_be_committed(file)


def test_committed_in_another_branch(repository: Path, file: Path) -> None:
    git(repository, "commit", "--allow-empty", "--message", "x")
    git(repository, "switch", "--create", "feature")
    commit(repository)
    git(repository, "switch", "main")

    assert may_be_committed(file)


def test_committed_in_a_branch_that_is_gone(repository: Path, file: Path) -> None:
    git(repository, "commit", "--allow-empty", "--message", "x")
    commit(repository)
    git(repository, "reset", "--hard", "HEAD~1")

    assert may_be_committed(file)


@pytest.mark.parametrize("command", ["move", "copy"])
def test_committed_in_another_folder(repository: Path, file: Path, command: str) -> None:
    commit(repository)
    folder = repository / "shop"
    if command == "move":
        folder.rename(repository / "store")
    else:
        shutil.copytree(folder, repository / "store")
    moved = repository / "store" / "versions" / file.name

    assert may_be_committed(moved)
    moved.write_text("edited\n")
    assert may_be_committed(moved)
    renamed = moved.rename(moved.with_name("other.py"))
    assert not may_be_committed(renamed)


def test_committed_by_another_name(repository: Path, file: Path) -> None:
    commit(repository)

    assert may_be_committed(file.rename(file.with_name("other.py")))


def test_a_work_tree_that_is_somewhere_else(repository: Path, file: Path, tmp_path: Path) -> None:
    git(repository, "config", "core.worktree", str(tmp_path))

    assert may_be_committed(file)


def test_a_repository_around_the_nearest_one_counts(repository: Path, file: Path) -> None:
    commit(repository)
    git(repository / "shop", "init")

    assert may_be_committed(file)


@pytest.mark.parametrize("path", ["HEAD", "objects", "index", "refs/heads/main"])
def test_a_damaged_repository(repository: Path, file: Path, path: str) -> None:
    commit(repository)
    git(repository, "rm", "--cached", "-r", "shop")
    damaged = repository / ".git" / path
    if damaged.is_dir():
        damaged.rename(repository / "objects")
    else:
        damaged.write_bytes(b"\0")

    assert may_be_committed(file)


def test_a_damaged_repository_inside_of_another(repository: Path, file: Path) -> None:
    (repository / "shop" / ".git").mkdir()

    assert may_be_committed(file)


def fake_git(folder: Path, script: str) -> Path:
    """A folder for `PATH` in which git is a script."""
    git = folder / "bin" / "git"
    git.parent.mkdir()
    git.write_text(script)
    git.chmod(0o755)
    return git.parent


def test_git_that_does_not_answer(
    repository: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = fake_git(tmp_path, "#!/bin/sh\necho 'fatal: detected dubious ownership' >&2\nexit 128\n")
    monkeypatch.setenv("PATH", str(fake))

    assert may_be_committed(file)


def test_git_that_hangs(
    repository: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network file system that is gone. A child of it holds its output open."""
    asked = tmp_path / "asked"
    fake = fake_git(tmp_path, f"#!/bin/sh\necho $1 >> {asked}\nsleep infinity &\nwait\n")
    monkeypatch.setenv("PATH", str(fake), prepend=os.pathsep)
    monkeypatch.setattr(programs, "ANSWER_TIMEOUT", 0.5)

    assert may_be_committed(file)
    assert may_be_committed(file)
    check_checked_out(repository, ["shop"])
    with pytest.raises(EnvironmentFault, match="`git` does not answer"):
        init_repository(tmp_path)
    assert asked.read_text() == "rev-parse\n"


def test_git_that_is_not_installed(
    repository: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    assert may_be_committed(file)


def test_a_system_that_is_not_asked(file: Path) -> None:
    (file.parents[2] / ".hg").mkdir()

    assert may_be_committed(file)


def test_a_repository_that_is_somewhere_else(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere.git"))

    assert may_be_committed(file)
