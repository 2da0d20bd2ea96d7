"""A project without patterns, with code of its owners, that gets patterns and a field one by one.

It is updated, and loses a pattern. After each step all lines of the owners are there, the tests of
the project pass, it starts, and their route answers. Rows that were there before stay.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.environment import Environment
from tests.live.own_code import FILES, lost_lines, write_own_code
from tests.live.server import CLIENT, Server, serve
from tests.made_versions import Installation, second_version
from tests.matrix.combinations import EVERYTHING
from tests.services import new_database, run_sql
from tests.support import FASTGEN, fastgen

API = "/api/v1"
ADMIN = {"FIRST_ADMIN_EMAIL": "ann@example.com", "FIRST_ADMIN_PASSWORD": "correct horse battery"}
OWN_TESTS = [path for path in FILES if path.startswith("tests/")]
TESTS = ["tests"] if EVERYTHING else OWN_TESTS
CHECKS = [["ruff", "check", "--no-cache"], ["lint-imports", "--no-cache"], ["mypy"]]


@pytest.fixture
def next_version(tmp_path: Path) -> Installation:
    return second_version(tmp_path)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"] if EVERYTHING else ["postgresql"])
def test_nothing_of_its_owners_is_lost(
    tmp_path: Path, environment: Environment, next_version: Installation, server: str
) -> None:
    made = fastgen("new", "shop", "--with=none", "--description=The Shop service.", cwd=tmp_path)
    assert made.code == 0, made.err
    project = Project(tmp_path / "shop", environment)
    write_own_code(project.folder)
    project.use_lines_of(88)
    project.is_green()
    with new_database(server, environment, tmp_path) as url:
        project.variables["DATABASE_URL"] = url
        project.take("add", "pattern", "database")
        with project.served() as service:
            body = {"name": " Lamp ", "price": "12.50"}
            answer = CLIENT.post(f"{service.url}{API}/items", json=body)
            assert answer.json()["name"] == "Lamp"

        project.take("add", "pattern", "auth")
        environment.make_admin(project.folder, {**project.variables, **ADMIN})
        project.take("add", "pattern", "queue")
        assert project.items() == [["Lamp", "ann@example.com"]]
        project.take("add", "field", "items", "stock:int:min=0")
        assert project.items("stock") == [["Lamp", "ann@example.com", 0]]
        project.program = next_version.program
        project.take("update")
        # The formatter has wrapped lines of the page, too; the tables are those of a library.
        project.take("remove", "pattern", "queue", kept=["queue.md", "_procrastinate.py"])
        assert project.items("stock", "rank") == [["Lamp", "ann@example.com", 0, 0]]


class Project:
    """The project, and what its owners do."""

    def __init__(self, folder: Path, environment: Environment) -> None:
        self.folder = folder
        self.environment = environment
        self.program = FASTGEN
        self.variables: dict[str, str] = {}

    def take(self, *words: str, kept: Sequence[str] = ()) -> None:
        """Take a step, as the page of the command says, and check what is left.

        Args:
            words: the command.
            kept: the ends of the paths of files that it keeps, although they should go.
        """
        done = fastgen(*words, "--json", cwd=self.folder, program=self.program)
        files = done.document["files"]
        left = [file["path"] for file in files if file["action"] in ("keep", "conflict")]
        assert len(left) == len(kept), done.out
        assert all(map(str.endswith, left, kept)), done.out
        self.run("ruff", "format", "--quiet")
        self.environment.alembic(self.folder, "upgrade head", "check", env=self.variables)
        self.is_green()

    def is_green(self) -> None:
        assert lost_lines(self.folder) == []
        self.run("pytest", "-q", "-x", *TESTS)
        for check in CHECKS if EVERYTHING else ():
            self.run(*check)
        with self.served() as service:
            found = CLIENT.get(
                f"{service.url}{API}/shipping/parcel?count=2", headers=self.token(service)
            )
            assert found.json()["cost"] == "11.80"

    def token(self, service: Server) -> dict[str, str]:
        """The header of somebody who has signed in, where people can."""
        if not (self.folder / "app" / "auth").exists():
            return {}
        account = {"email": "bob@example.com", "password": "a tall ship at dawn"}
        CLIENT.post(f"{service.url}{API}/auth/register", json=account)
        form = {"username": account["email"], "password": account["password"]}
        tokens = CLIENT.post(f"{service.url}{API}/auth/token", data=form).json()
        return {"Authorization": f"Bearer {tokens['access_token']}"}

    def items(self, *columns: str) -> Any:
        """The rows of items, with the addresses of their owners."""
        names = ", ".join(["name", "email", *columns])
        query = f"SELECT {names} FROM items JOIN users ON owner_id = users.id"
        return run_sql(self.environment, self.variables["DATABASE_URL"], query)

    def use_lines_of(self, length: int) -> None:
        path = self.folder / "pyproject.toml"
        text = path.read_text("utf-8")
        assert "line-length = 100\n" in text
        path.write_text(text.replace("line-length = 100\n", f"line-length = {length}\n"), "utf-8")
        self.run("ruff", "format", "--quiet")

    def served(self) -> Any:
        return serve(self.folder, self.environment, env=self.variables)

    def run(self, *command: str) -> None:
        result = self.environment.run(*command, cwd=self.folder)
        assert result.code == 0, f"{command}: {result.out}{result.err}"
