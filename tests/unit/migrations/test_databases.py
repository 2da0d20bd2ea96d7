"""Which databases may have applied a revision; they are read, and never changed."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fastgen.migrations.databases import may_be_applied
from fastgen.migrations.default_database import FILES
from fastgen.migrations.revisions import FOLDER, read_revisions
from fastgen.rendering.template_folder import templates
from tests.support import snapshot

ORDERS = "222222222222"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    root = tmp_path / "shop"
    (root / FOLDER).mkdir(parents=True)
    before = "None"
    for revision in ("111111111111", ORDERS, "333333333333"):
        text = f'revision = "{revision}"\ndown_revision = {before}\n'
        (root / FOLDER / f"{revision}.py").write_text(text)
        before = f'"{revision}"'
    for path, template in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(templates() / template, root / path)
    return root


def make(path: Path, *versions: str | None) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.executemany("INSERT INTO alembic_version VALUES (?)", [(v,) for v in versions])
    return path


def is_applied(root: Path) -> bool:
    before = snapshot(root)
    answer = may_be_applied(root, ORDERS, read_revisions(root))
    assert snapshot(root) == before
    return answer


def test_no_database(root: Path) -> None:
    assert not is_applied(root)


@pytest.mark.parametrize(
    ("versions", "answer"),
    [
        ([], False),
        (["111111111111"], False),
        ([ORDERS], True),
        (["333333333333"], True),
        (["unknown"], True),
        ([None], True),
        (["111111111111", ORDERS], True),
    ],
)
def test_the_default_file(root: Path, versions: list[str], answer: bool) -> None:
    make(root / "app.db", *versions)

    assert is_applied(root) is answer


@pytest.mark.parametrize("content", [b"", b"no database at all, and not an empty file either"])
def test_a_file_without_tables(root: Path, content: bytes) -> None:
    (root / "app.db").write_bytes(content)

    assert is_applied(root) is bool(content)


def test_a_database_without_migrations(root: Path) -> None:
    with closing(sqlite3.connect(root / "app.db")) as connection, connection:
        connection.execute("CREATE TABLE other (id INTEGER)")

    assert not is_applied(root)


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_something_else_in_its_place(root: Path, kind: str) -> None:
    path = root / "app.db"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(make(root / "real.db", ORDERS))

    assert may_be_applied(root, ORDERS, read_revisions(root))


SERVICE = """
import sqlite3, sys

connection = sqlite3.connect("app.db", isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
for statement in sys.stdin:
    connection.execute(statement)
    print("done", flush=True)
connection.close()
"""


class TestWithALog:
    """SQLite's write-ahead log, as the generated projects use it."""

    @pytest.fixture
    def service(self, root: Path) -> Iterator[subprocess.Popen[str]]:
        make(root / "app.db", "111111111111")
        command = [sys.executable, "-c", SERVICE]
        with subprocess.Popen(
            command, cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            yield process

    def run(self, service: subprocess.Popen[str], statement: str) -> None:
        assert service.stdin is not None
        assert service.stdout is not None
        service.stdin.write(f"{statement}\n")
        service.stdin.flush()
        assert service.stdout.readline() == "done\n"

    def test_under_a_running_service(self, root: Path, service: subprocess.Popen[str]) -> None:
        self.run(service, "INSERT INTO alembic_version VALUES ('unknown')")
        assert is_applied(root)

        self.run(service, "DELETE FROM alembic_version WHERE version_num = 'unknown'")
        assert not is_applied(root)

        service.communicate()
        assert not list(root.glob("app.db-*"))
        assert not is_applied(root)

    def test_an_open_transaction_may_be_a_migration(
        self, root: Path, service: subprocess.Popen[str]
    ) -> None:
        assert not is_applied(root)

        self.run(service, "BEGIN IMMEDIATE")
        assert is_applied(root)

        self.run(service, "ROLLBACK")
        assert not is_applied(root)

    def test_after_a_crash(self, root: Path, service: subprocess.Popen[str]) -> None:
        self.run(service, f"UPDATE alembic_version SET version_num = '{ORDERS}'")
        service.kill()
        service.wait()

        assert is_applied(root)
        (root / "app.db-shm").unlink()
        assert is_applied(root)


def test_an_open_transaction_without_a_log(root: Path) -> None:
    make(root / "app.db", "111111111111")
    code = SERVICE.replace("WAL", "DELETE")
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=root,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("BEGIN IMMEDIATE\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        assert is_applied(root)

        process.communicate()
    assert not is_applied(root)


@pytest.mark.parametrize("place", ["environment", "file"])
@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("sqlite:///old.db", False),
        ("sqlite+aiosqlite:///old.db", False),
        ("sqlite:///new.db", True),
        ("sqlite:///new.db?timeout=5", True),
        ("sqlite:///missing.db", False),
        ("sqlite:///old.db?mode=ro", True),
        ("sqlite:///file:old.db?uri=true", True),
        ("sqlite://", True),
        ("postgresql://user:password@host/shop", True),
        ("no URL", True),
    ],
)
def test_a_configured_database(
    root: Path, monkeypatch: pytest.MonkeyPatch, place: str, url: str, answer: bool
) -> None:
    make(root / "old.db", "111111111111")
    make(root / "new.db", ORDERS)
    if place == "environment":
        monkeypatch.setenv("DATABASE_URL", url)
    else:
        (root / ".env").write_text(f'SECRET_KEY=x\nDATABASE_URL="{url}"\n')

    assert is_applied(root) is answer


def test_an_absolute_path(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{make(tmp_path / 'new.db', ORDERS)}")

    assert is_applied(root)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("DATABASE_URL=sqlite:///old.db", False),
        ("export DATABASE_URL='sqlite:///old.db'  # a comment", False),
        ("database_url = sqlite:///old.db # a comment", False),
        ("# DATABASE_URL=postgresql://host/shop", False),
        ("DATABASE_URL=", False),
        ("OTHER_DATABASE_URL=postgresql://host/shop", False),
        ("DATABASE_URL=${OTHER}", True),
        ("DATABASE_URL=\"sqlite:///old.db\nDATABASE_URL='", True),
        ("DATABASE_URL=sqlite:///old.db\nDATABASE_URL=sqlite:///new.db", True),
    ],
)
def test_the_ways_of_the_settings_file(root: Path, line: str, answer: bool) -> None:
    make(root / "old.db", "111111111111")
    make(root / "new.db", ORDERS)
    (root / ".env").write_text(f"{line}\n", "utf-8-sig")

    assert is_applied(root) is answer


def test_a_settings_file_that_cannot_be_read(root: Path) -> None:
    (root / ".env").write_text("DATABASE_URL=sqlite:///app.db\n", "utf-16")

    assert is_applied(root)


@pytest.mark.parametrize("path", FILES)
def test_an_edited_file_that_decides_about_the_database(root: Path, path: str) -> None:
    text = (root / path).read_bytes()
    (root / path).write_bytes(text.replace(b"\n", b"\r\n"))
    assert not is_applied(root)

    (root / path).write_bytes(text + b"# mine\n")
    assert is_applied(root)
    (root / path).unlink()
    assert is_applied(root)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('class Settings:\n    database_url: str = "sqlite:///shop.db"\n', True),
        ('class Settings:\n    database_url = "sqlite:///shop.db"\n', True),
        ("class Settings:\n    @property\n    def database_url(self): ...\n", True),
        ('settings = Settings(database_url="sqlite:///shop.db")\n', True),
        ('Settings.database_url = "sqlite:///shop.db"\n', True),
        ('os.environ["DATABASE_URL"] = "sqlite:///shop.db"\n', True),
        ("class Settings(\n", True),
        ("print(settings.database_url)\n", False),
        ('"""The database_url is a setting."""\n', False),
    ],
)
def test_another_file_of_settings(root: Path, text: str, answer: bool) -> None:
    (root / "app" / "settings.py").write_text(text)

    assert is_applied(root) is answer
