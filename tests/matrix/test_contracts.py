"""A wrong import in a generated project breaks one of its contracts."""

from pathlib import Path

import pytest

from tests.environment import Environment
from tests.support import generate

LAYERS = "Layers: api, services, repositories and schemas, models"
NO_HTTP = "Services and lower layers do not import HTTP"
CORE = "The core imports no other package"
STORAGE = "The storage imports neither resources nor HTTP"
AUTH = "Authentication services do not import HTTP"
SETTINGS = "Settings import neither the service nor HTTP"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("contracts"), patterns=("database", "auth"))


@pytest.mark.parametrize(
    ("module", "imported", "contract"),
    [
        ("models/item.py", "app.schemas.item", LAYERS),
        ("models/item.py", "app.repositories.item", LAYERS),
        ("models/item.py", "fastapi", NO_HTTP),
        ("schemas/item.py", "app.services.item", LAYERS),
        ("schemas/item.py", "app.repositories.item", LAYERS),
        ("schemas/item.py", "starlette.requests", NO_HTTP),
        ("repositories/item.py", "app.schemas.item", LAYERS),
        ("services/item.py", "app.api.v1.items", LAYERS),
        ("services/item.py", "app.middleware.gzip", NO_HTTP),
        ("core/etag.py", "app.models.item", CORE),
        ("core/etag.py", "app.schemas.item", CORE),
        ("core/config.py", "app.auth.settings", CORE),
        ("core/config.py", "app.db.settings", CORE),
        ("db/base.py", "app.models.item", STORAGE),
        ("db/base.py", "fastapi", STORAGE),
        ("auth/users.py", "fastapi", AUTH),
        ("auth/user_sessions.py", "starlette.requests", AUTH),
        ("settings.py", "app.schemas.item", SETTINGS),
        ("core/config.py", "app.models.item", SETTINGS),
        ("db/settings.py", "starlette.requests", SETTINGS),
    ],
)
def test_a_wrong_import_breaks_a_contract(
    project: Path, environment: Environment, module: str, imported: str, contract: str
) -> None:
    path = project / "app" / module
    original = path.read_text("utf-8")
    path.write_text(f"{original}\nimport {imported}\n", "utf-8")
    try:
        result = environment.run("lint-imports", "--no-cache", cwd=project)
    finally:
        path.write_text(original, "utf-8")

    assert result.code == 1
    assert f"{contract} BROKEN" in result.out
