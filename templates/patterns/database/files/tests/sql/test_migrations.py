"""The migrations make the tables that the models say, and undo them; a start tells what lacks."""

from pathlib import Path

import pytest

from app.core.sql import revisions, storage
from app.core.sql.revisions import known_revisions, last_revisions
from app.main import create_app
from app.settings import Settings
from tests.serving import serve
from tests.sql.database import alembic


def test_they_make_what_the_models_say() -> None:
    alembic("check")


def test_they_can_be_undone_and_done_again() -> None:
    alembic("downgrade", "base")
    alembic("upgrade", "head")

    alembic("check")


def test_they_can_be_written_down(capsys: pytest.CaptureFixture[str]) -> None:
    alembic("upgrade", "head", sql=True)

    assert "CREATE TABLE" in capsys.readouterr().out


def test_there_is_one_last_revision() -> None:
    assert len(last_revisions()) <= 1
    assert last_revisions() <= known_revisions()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of revisions: at first the one that the database has, if any."""
    for number, revision in enumerate(sorted(last_revisions())):
        (tmp_path / f"{number}.py").write_text(f'revision = "{revision}"\ndown_revision = None\n')
    monkeypatch.setattr(revisions, "VERSIONS", tmp_path)
    monkeypatch.setattr(revisions, "known_revisions", known_revisions.__wrapped__)
    monkeypatch.setattr(revisions, "last_revisions", last_revisions.__wrapped__)
    monkeypatch.setattr(storage, "last_revisions", last_revisions.__wrapped__)
    return tmp_path


async def test_a_start_says_that_the_database_is_behind(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    before = next(iter(last_revisions()), None)
    (folder / "next.py").write_text(f'revision = "next"\ndown_revision = "{before}"\n')

    async with serve(create_app(settings)) as client:
        ready = await client.get("/ready")
        health = await client.get("/health")

    assert "database_not_migrated" in caplog.text
    assert "alembic upgrade head" in caplog.text
    assert (ready.status_code, health.status_code) == (503, 200)
    assert ready.json()["detail"] == "No answer from: database."


async def test_during_a_rollout_the_database_may_be_ahead(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "0.py").write_text('revision = "older"\ndown_revision = None\n')

    async with serve(create_app(settings)) as client:
        ready = await client.get("/ready")

    assert ready.status_code == 200
    assert "database_not_migrated" not in caplog.text
