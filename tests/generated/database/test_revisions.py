"""The service compares the revision of its database with those of the project."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app.db import revisions
from app.main import create_app
from app.settings import Settings
from tests.serving import serve

MERGE = '''
"""Merge."""

revision = "merged"
down_revision = (
    "left",
    "right",
)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of revisions: first the ones that the database has."""
    versions = tmp_path / "versions"
    versions.mkdir()
    for number, head in enumerate(revisions.scripts().get_heads()):
        add(tmp_path, f"head_{number}", head, None)
    scripts = cache(lambda: ScriptDirectory(str(tmp_path)))
    monkeypatch.setattr(revisions, "scripts", scripts)
    return tmp_path


def add(folder: Path, name: str, revision: str, after: object) -> None:
    text = f'"""{name}."""\n\nrevision = {revision!r}\ndown_revision = {after!r}\n'
    (folder / "versions" / f"{name}.py").write_text(text)


async def test_a_database_that_is_behind_is_reported(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    add(folder, "next", "next", revisions.scripts().get_current_head())
    revisions.scripts.cache_clear()

    async with serve(create_app(settings)) as client:
        ready = await client.get("/ready")
        health = await client.get("/health")

    assert "database_not_migrated" in caplog.text
    assert "alembic upgrade head" in caplog.text
    assert (ready.status_code, health.status_code) == (503, 200)
    assert ready.json()["detail"] == "No response from: database."


async def test_during_a_rollout_the_database_may_be_ahead(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "versions" / "head_0.py").unlink()
    add(folder, "older", "older", None)

    async with serve(create_app(settings)) as client:
        ready = await client.get("/ready")

    assert ready.status_code == 200
    assert "database_not_migrated" not in caplog.text


def test_a_merge_revision_on_several_lines(folder: Path) -> None:
    head = revisions.scripts().get_current_head()
    revisions.scripts.cache_clear()
    add(folder, "left", "left", head)
    add(folder, "right", "right", head)
    (folder / "versions" / "merge.py").write_text(MERGE)

    assert revisions._is_behind(frozenset(["left", "right"]))
    assert not revisions._is_behind(frozenset(["merged"]))


def test_nothing_is_logged_when_alembic_is_imported() -> None:
    code = "logging.basicConfig(level='INFO'); from app.db.revisions import scripts; scripts()"
    command = [sys.executable, "-c", f"import logging; {code}"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603

    assert (done.stdout, done.stderr) == ("", "")
