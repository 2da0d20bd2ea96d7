"""Commands in a project that has something else in place of a file: none waits, or fails."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fastgen.migrations.revisions import head, read_revisions
from tests.support import fastgen, generate, snapshot, without_privileges

ADD_FIELD = ("add", "field", "items", "note:text:optional")
ROUTERS = "app/api/v1/router.py"


@pytest.fixture
def project(plain_project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(plain_project, tmp_path / "shop")


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def _link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, _link_to_itself, _link_to_a_device])
@pytest.mark.parametrize("command", ["add router orders", "remove router items", "doctor"])
def test_no_file(project: Path, make: Callable[[Path], None], command: str) -> None:
    (project / ROUTERS).unlink()
    make(project / ROUTERS)

    result = fastgen(*command.split(), cwd=project)

    assert result.code == (1 if command == "doctor" else 3)
    assert f"`{ROUTERS}` " in result.out + result.err
    assert not (project / "app/api/v1/orders.py").exists()


@pytest.mark.parametrize("make", [os.mkfifo, _link_to_itself, _link_to_a_device])
def test_doctor_names_what_is_no_file(project: Path, make: Callable[[Path], None]) -> None:
    (project / "app/api/router.py").unlink()
    make(project / "app/api/router.py")
    (project / ".env").unlink(missing_ok=True)
    make(project / ".env")

    result = fastgen("doctor", cwd=project)

    assert result.code == 1
    assert "`app/api/router.py` is not a file." in result.out


@pytest.mark.parametrize("command", ["remove field items description", "add pattern cache"])
def test_a_link_to_itself_is_refused(project: Path, command: str) -> None:
    for path in ("app/schemas/item.py", "tests/conftest.py"):
        (project / path).unlink()
        _link_to_itself(project / path)
    before = snapshot(project)

    result = fastgen(*command.split(), cwd=project)

    assert result.code == 3
    assert "is not a file." in result.err
    assert snapshot(project) == before


@pytest.mark.parametrize("code", [f"x = {'-' * 100_000}1", f"x = {'+'.join(['1'] * 20_000)}"])
def test_code_that_is_nested_too_deep(project: Path, code: str) -> None:
    (project / "app" / "own.py").write_text(f"import app.schemas.item\n{code}\n")

    assert fastgen("doctor", cwd=project).code == 0
    assert fastgen("remove", "router", "items", "--force", cwd=project).code == 0


@pytest.mark.parametrize(
    ("own", "command", "reason"),
    [
        (
            "app/metrics.py",
            "add extra metrics",
            "The new package `app/metrics` would hide the module `app/metrics.py`.",
        ),
        (
            "app/cache.py",
            "add pattern cache",
            "The new package `app/cache` would hide the module `app/cache.py`.",
        ),
        (
            "app/api/v1/files/__init__.py",
            "add pattern streaming",
            "The package `app/api/v1/files` would hide the new module `app/api/v1/files.py`.",
        ),
        (
            "app/middleware/timing/clock.py",
            "add middleware timing",
            "The package `app/middleware/timing` would hide the new module `app/middleware",
        ),
        ("app/realtime", "add pattern streaming", "`app/realtime` is not a folder."),
    ],
)
def test_modules_that_would_be_hidden(project: Path, own: str, command: str, reason: str) -> None:
    (project / own).parent.mkdir(parents=True, exist_ok=True)
    (project / own).write_text("OWN = 1\n")
    before = snapshot(project)

    for options in ([], ["--dry-run"]):
        refused = fastgen(*command.split(), *options, cwd=project)

        assert refused.code == 3
        assert reason in refused.err
    assert snapshot(project) == before


def test_an_own_folder_without_modules_is_not_in_the_way(project: Path) -> None:
    (project / "app/cache").mkdir()
    (project / "app/cache/notes.md").write_text("Own.\n")

    assert fastgen("add", "pattern", "cache", cwd=project).code == 0


def test_a_link_to_the_folder_of_the_revisions(tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=("database",))
    versions, elsewhere = project / "migrations/versions", project / "revisions"
    versions.rename(elsewhere)
    versions.symlink_to("../revisions")

    assert fastgen(*"add router orders".split(), cwd=project).code == 0
    assert fastgen(*ADD_FIELD, cwd=project).code == 0

    assert len([*elsewhere.glob("*.py")]) == 3
    assert len(read_revisions(project)) == 3
    assert head(read_revisions(project))


def test_a_folder_of_somebody_else_is_not_searched(project: Path) -> None:
    """Such as the files of a database server in a container."""
    data = project / "data"
    data.mkdir()
    (data / "dump.py").write_text("OWN = 1\n")
    (project / "app/schemas/item.py").unlink()

    for mode in (0o000, 0o444):
        data.chmod(mode)
        result = fastgen("doctor", cwd=project, prefix=without_privileges())
        assert result.code == 1
        assert "`app/schemas/item.py` is missing." in result.out
    added = fastgen(*ADD_FIELD, cwd=project, prefix=without_privileges())
    assert added.code == 0
    data.chmod(0o755)
