"""Projects with a database on each server: the same code and tests, by one variable."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastgen.project.operations import EXAMPLES
from fastgen.project.patterns import names
from tests.environment import Environment
from tests.matrix.combinations import EVERYTHING
from tests.matrix.resources import KINDS
from tests.services import MARIADB, POSTGRESQL, Service
from tests.support import generate

SQLITE = "sqlite"
SERVERS = [POSTGRESQL, MARIADB]
WITH_ROWS = ["tests/api", "tests/cache", "tests/queue", "tests/db"]
"""The tests that a database server can change."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fullest project, with a resource of every kind of field."""
    folder = tmp_path_factory.mktemp("databases")
    return generate(folder, patterns=names(), operations=(*EXAMPLES, *KINDS))


@pytest.fixture(params=[SQLITE, *SERVERS], ids=lambda one: getattr(one, "name", one))
def url(
    request: pytest.FixtureRequest, environment: Environment, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """The variable that names an empty database."""
    service: Service | str = request.param
    if isinstance(service, str):
        yield {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
        return
    with service.database(environment) as name:
        yield {"DATABASE_URL": service.url + name}


# On SQLite they run where everything else is that can be added.
@pytest.mark.parametrize("url", SERVERS, indirect=True, ids=lambda server: server.name)
def test_its_own_tests(project: Path, environment: Environment, url: dict[str, str]) -> None:
    options = ["-q", "-x", "--numprocesses=2", *([] if EVERYTHING else WITH_ROWS)]
    server = {"TEST_DATABASE_URL": url["DATABASE_URL"]}
    result = environment.run("pytest", *options, cwd=project, env=server)

    assert result.code == 0, result.out
    assert " skipped" not in result.out


def test_its_migrations(project: Path, environment: Environment, url: dict[str, str]) -> None:
    for command in ("upgrade head", "check", "downgrade base", "upgrade head", "check"):
        result = environment.run("alembic", *command.split(), cwd=project, env=url)

        assert result.code == 0, f"{command}: {result.out}{result.err}"


def test_two_may_migrate_at_once(
    project: Path, environment: Environment, url: dict[str, str]
) -> None:
    def migrate(_: int) -> str:
        return environment.run("alembic", "upgrade", "head", cwd=project, env=url).err

    with ThreadPoolExecutor(3) as pool:
        complaints = list(pool.map(migrate, range(3)))

    assert not any("Error" in complaint for complaint in complaints), complaints
    assert environment.run("alembic", "check", cwd=project, env=url).code == 0


def test_a_further_revision_is_found_and_written(
    project: Path, environment: Environment, tmp_path: Path
) -> None:
    """What a developer does after changing a model, and what the file looks like then."""
    model = project / "app" / "models" / "item.py"
    versions = project / "migrations" / "versions"
    before, known = model.read_text(), set(versions.iterdir())
    url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    column = "    cost: Mapped[Decimal | None] = mapped_column(Exact(12, 2))\n"
    model.write_text(before.replace("    status: Mapped", f"{column}    status: Mapped"))
    try:
        environment.migrate(project, url)
        written = environment.run(
            "alembic", "revision", "--autogenerate", "-m", "add cost", cwd=project, env=url
        )
        assert written.code == 0, written.err
        environment.migrate(project, url)
        assert environment.run("alembic", "check", cwd=project, env=url).code == 0
        assert environment.run("ruff", "format", "--check", cwd=project).code == 0
        assert environment.run("ruff", "check", cwd=project).out == "All checks passed!\n"
    finally:
        model.write_text(before)
        for path in set(versions.iterdir()) - known:
            path.unlink()
