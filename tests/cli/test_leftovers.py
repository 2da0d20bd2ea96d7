"""Leftovers of fastgen that came with a clone, an archive or an overlay are never followed."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.overlay_templates import git
from tests.support import fastgen, generate, snapshot

FOREIGN = ".fastgen-0123456789abcdef"
COMMANDS = [
    *(["add", "middleware", "timing"], ["add", "router", "orders", "--field", "total:int"]),
    *(["add", "field", "items", "note:text"], ["add", "extra", "metrics"]),
    *(["add", "pattern", "cache"], ["remove", "router", "items"], ["remove", "extra", "metrics"]),
    *(["remove", "middleware", "timing"], ["remove", "pattern", "cache"]),
    *(["remove", "field", "items", "price"], ["update"]),
]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file outside of all projects, in a folder of its own."""
    path = tmp_path / "outside" / "precious"
    path.parent.mkdir()
    path.write_text("precious\n")
    return path


def put_journal(folder: Path, goal: str, *, removes: bool) -> None:
    """Write an edit that makes, or removes, a file with the text `precious`."""
    digest = hashlib.sha256(b"precious\n").hexdigest()
    before, after = (digest, None) if removes else (None, digest)
    edit = folder / f"{FOREIGN}-edit"
    (edit / "new").mkdir(parents=True)
    (edit / "old").mkdir()
    (edit / "new" / "0").write_text("precious\n")
    (edit / "old" / "readme").touch()  # git has no empty folders
    steps = [{"number": 0, "path": goal, "before": before, "after": after}]
    (edit / "journal.json").write_text(json.dumps(steps))


@pytest.mark.parametrize("removes", [True, False])
@pytest.mark.parametrize("is_absolute", [True, False])
def test_a_journal_in_a_clone(
    tmp_path: Path, outside: Path, *, removes: bool, is_absolute: bool
) -> None:
    if not removes:
        outside.unlink()
    origin = generate(tmp_path / "origin")
    put_journal(origin, str(outside) if is_absolute else "../outside/precious", removes=removes)
    git(origin, "init", "--quiet")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "x")
    git(tmp_path, "clone", "--quiet", "origin/shop", "clone")
    before = snapshot(tmp_path)

    result = fastgen("update", "--json", cwd=tmp_path / "clone")

    assert result.code == 4
    assert f"{FOREIGN}-edit` was not left behind by" in result.document["error"]["message"]
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["real", "dry"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_refuses(
    tmp_path: Path, command: Sequence[str], options: Sequence[str]
) -> None:
    project = generate(tmp_path)
    (project / f"{FOREIGN}-complete").mkdir()
    (project / f"{FOREIGN}-complete" / "evil.py").touch()
    before = snapshot(project)

    assert fastgen(*command, *options, cwd=project).code == 4
    assert snapshot(project) == before


def test_the_doctor_and_the_check_of_update_tell(tmp_path: Path) -> None:
    project = generate(tmp_path)
    put_journal(project, "README.md", removes=False)

    assert [each["name"] for each in fastgen("doctor", "--json", cwd=project).document["data"]] == [
        "leftover"
    ]
    assert fastgen("update", "--check", cwd=project).code == 4


def test_the_folder_of_a_new_project(tmp_path: Path, outside: Path) -> None:
    put_journal(tmp_path, "outside/precious", removes=True)

    assert fastgen("new", "shop", "--no-git", cwd=tmp_path).code == 0
    assert outside.exists()
    assert (tmp_path / f"{FOREIGN}-edit").exists()


@pytest.mark.parametrize("suffix", ["", "-complete", "-edit"])
def test_an_overlay_has_none(tmp_path: Path, suffix: str) -> None:
    overlay = tmp_path / "overlay"
    (overlay / f"{FOREIGN}{suffix}").mkdir(parents=True)
    (overlay / f"{FOREIGN}{suffix}" / "evil.py").touch()
    (overlay / "copier.yml").write_text("{}\n")
    (tmp_path / "here").mkdir()

    result = fastgen(
        "new", "shop", "--no-git", "--json", "--overlay", "../overlay", cwd=tmp_path / "here"
    )

    assert result.code == 3
    assert f"It writes `{FOREIGN}{suffix}/evil.py`" in result.document["error"]["message"]
    assert [*(tmp_path / "here").iterdir()] == []
