"""The migrations of an update work with rows in the tables, and give the tables of the models."""

from pathlib import Path
from typing import Any

import pytest

from tests.environment import Environment
from tests.made_versions import second_version
from tests.services import run_sql
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
    "INSERT INTO sessions (created_at, updated_at, version, user_id, handle, role, scope,"
    " rotations, rotated_at, expires_at)"
    f" SELECT {NOW}, id, 'h', 'user', '', 0, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM users"
)
API_KEY = (
    "INSERT INTO api_keys (created_at, updated_at, version, user_id, name, prefix, digest, scope)"
    f" SELECT {NOW}, id, 'k', 'p', 'd', '' FROM users"
)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_rows_survive_an_update(
    tmp_path: Path, environment: Environment, database_url: str
) -> None:
    project = generate(tmp_path, patterns=("auth",))
    variables = {"DATABASE_URL": database_url}

    def alembic(*commands: str) -> None:
        environment.alembic(project, *commands, env=variables)

    def query(statement: str) -> Any:
        return run_sql(environment, database_url, statement)

    alembic("upgrade head")
    for row in (USER, ITEM, SESSION, API_KEY):
        query(row)

    result = second_version(project.parent).fastgen("update", cwd=project)
    assert result.code == 0, result.out + result.err

    alembic("upgrade head", "check")
    found = "SELECT name, rank, full_name FROM items JOIN users ON owner_id = users.id"
    assert query(found) == [["x", 0, ""]]
    found = "SELECT handle, prefix FROM sessions JOIN api_keys USING (user_id)"
    assert query(found) == [["h", "p"]]
    query("UPDATE users SET role = 'guest'")
    query("UPDATE users SET role = 'user'")
    alembic("downgrade -1", "upgrade head", "check", "downgrade -1")
    assert query("SELECT name FROM items") == [["x"]]
    alembic("upgrade head")
