"""The migrations of an update work with rows in the tables, and give the tables of the models."""

from pathlib import Path

import pytest

from tests.environment import Environment
from tests.made_versions import second_version
from tests.matrix.test_pattern_changes import query
from tests.services import POSTGRESQL
from tests.support import generate

NOW = "CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1"
USER = (
    "INSERT INTO users (created_at, updated_at, version, email, role, is_active)"
    f" VALUES ({NOW}, 'a@example.com', 'user', TRUE)"
)
ITEM = (
    "INSERT INTO items (created_at, updated_at, version, name, price, status, owner_id)"
    f" SELECT {NOW}, 'x', 1, 'draft', id FROM users"
)
SESSION = (
    "INSERT INTO sessions (created_at, updated_at, version, user_id, nonce, role, scope,"
    " token_digest, rotated_at, expires_at)"
    f" SELECT {NOW}, id, 'n', 'user', '', 'd', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM users"
)
API_KEY = (
    "INSERT INTO api_keys (created_at, updated_at, version, user_id, name, prefix, digest, scope)"
    f" SELECT {NOW}, id, 'k', 'p', 'd', '' FROM users"
)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_rows_survive_an_update(tmp_path: Path, environment: Environment, server: str) -> None:
    project = generate(tmp_path, patterns=("auth",))
    if server == "sqlite":
        check_rows(project, environment, f"sqlite:///{tmp_path / 'own.db'}")
    else:
        with POSTGRESQL.database(environment) as name:
            check_rows(project, environment, POSTGRESQL.url + name)


def check_rows(project: Path, environment: Environment, url: str) -> None:
    def alembic(*command: str) -> None:
        result = environment.run("alembic", *command, cwd=project, env={"DATABASE_URL": url})
        assert result.code == 0, result.out + result.err

    alembic("upgrade", "head")
    for row in (USER, ITEM, SESSION, API_KEY):
        query(environment, project, url, row)

    result = second_version(project.parent).fastgen("update", cwd=project)
    assert result.code == 0, result.out + result.err

    alembic("upgrade", "head")
    alembic("check")
    found = "SELECT name, rank, full_name FROM items JOIN users ON owner_id = users.id"
    assert query(environment, project, url, found).strip() == "[('x', 0, '')]"
    found = "SELECT nonce, prefix FROM sessions JOIN api_keys USING (user_id)"
    assert query(environment, project, url, found).strip() == "[('n', 'p')]"
    query(environment, project, url, "UPDATE users SET role = 'guest'")
    query(environment, project, url, "UPDATE users SET role = 'user'")
    alembic("downgrade", "-1")
    alembic("upgrade", "head")
    alembic("check")
    alembic("downgrade", "-1")
    assert query(environment, project, url, "SELECT name FROM items").strip() == "[('x',)]"
    alembic("upgrade", "head")
