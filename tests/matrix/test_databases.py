"""Projects with a database on each server: the same code and tests, by one variable."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import names
from tests.environment import Environment
from tests.matrix.combinations import EVERYTHING
from tests.matrix.resources import KINDS
from tests.support import generate

WITH_ROWS = ["tests/api", "tests/cache", "tests/queue", "tests/db"]
"""The tests that a database server can change."""
FURTHER = {"postgresql": KINDS, "mariadb": KINDS if EVERYTHING else ()}
"""Resources of the fullest project; each table makes each test on MariaDB slower."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fullest project, with a resource of every kind of field."""
    folder = tmp_path_factory.mktemp("databases")
    return generate(folder, patterns=names(), operations=(*EXAMPLES, *KINDS))


# On SQLite they run where everything else is that can be added.
@pytest.mark.parametrize(
    ("database_url", "further"), FURTHER.items(), indirect=["database_url"], ids=FURTHER
)
def test_its_own_tests(
    tmp_path: Path, environment: Environment, database_url: str, further: tuple[Operation, ...]
) -> None:
    project = generate(tmp_path, patterns=names(), operations=(*EXAMPLES, *further))
    options = ["-q", "-x", "--numprocesses=2", *([] if EVERYTHING else WITH_ROWS)]
    server = {"TEST_DATABASE_URL": database_url}
    result = environment.run("pytest", *options, cwd=project, env=server)

    assert result.code == 0, result.out
    assert " skipped" not in result.out


@pytest.mark.parametrize("database_url", ["sqlite", "mariadb"], indirect=True)
def test_every_kind_of_field(tmp_path: Path, environment: Environment, database_url: str) -> None:
    """The smallest project with a database; the fullest one shows them on PostgreSQL."""
    project = generate(tmp_path, patterns=("database",), operations=(*EXAMPLES, *KINDS))
    files = [f"tests/api/test_{resource.name}.py" for resource in KINDS]
    server = {"TEST_DATABASE_URL": database_url}
    result = environment.run("pytest", "-q", "-x", *files, cwd=project, env=server)

    assert result.code == 0, result.out


def test_its_migrations(project: Path, environment: Environment, database_url: str) -> None:
    """Up, by three processes at once; down and up again. The tables are those of the models."""
    url = {"DATABASE_URL": database_url}

    def migrate(_: int) -> str:
        return environment.run("alembic", "upgrade", "head", cwd=project, env=url).err

    with ThreadPoolExecutor(3) as pool:
        complaints = list(pool.map(migrate, range(3)))

    assert not any("Error" in complaint for complaint in complaints), complaints
    environment.alembic(project, "check", "downgrade base", "upgrade head", "check", env=url)


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
        revision = "revision --autogenerate -m 'add cost'"
        environment.alembic(project, "upgrade head", revision, "upgrade head", "check", env=url)
        assert environment.run("ruff", "format", "--check", cwd=project).code == 0
        assert environment.run("ruff", "check", cwd=project).out == "All checks passed!\n"
    finally:
        model.write_text(before)
        for path in set(versions.iterdir()) - known:
            path.unlink()
