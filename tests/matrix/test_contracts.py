"""A wrong import in a generated project breaks one of its contracts."""

from pathlib import Path

import pytest

from tests.environment import Environment
from tests.support import generate

LAYERS = "A request passes api, services, repositories and models"
NO_HTTP = "Services and everything below know no HTTP"
CORE = "The core knows no resource"
STORAGE = "The storage knows no resource and no HTTP"
AUTH = "The services of authentication know no HTTP"
SETTINGS = "The settings know no part of the service"


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
        ("db/base.py", "app.models.item", STORAGE),
        ("db/base.py", "fastapi", STORAGE),
        ("auth/users.py", "fastapi", AUTH),
        ("auth/user_sessions.py", "starlette.requests", AUTH),
        ("settings.py", "app.schemas.item", SETTINGS),
        ("core/config.py", "app.models.item", SETTINGS),
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
