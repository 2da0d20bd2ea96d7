"""Further engines of the queue: on the fullest project and on the smallest, as on the default one.

The faults of their brokers are in `tests/live/test_queue_faults.py`.
"""

from pathlib import Path

import pytest

from fastgen.planning.plan_patterns import plan_add_patterns
from fastgen.project.choices import choices_of
from fastgen.project.state import read_state
from fastgen.transaction import apply
from tests.environment import Environment, prepare
from tests.matrix.callers import check_every_route
from tests.matrix.combinations import ALL
from tests.matrix.test_generated import DESTINATION, OF_ENGINES, add_insides
from tests.matrix.test_static import complaints, known_settings
from tests.services import RABBITMQ
from tests.support import contents, generate

ENGINES = [engine.name for engine in choices_of("queue")[1:]]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def fullest(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp(engine), patterns=ALL[-1], queue=engine)
    add_insides(project, OF_ENGINES[engine])
    return project


@pytest.fixture(scope="module")
def smallest(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp(engine), patterns=("queue",), queue=engine)


@pytest.fixture(scope="module")
def environment(fullest: Path) -> Environment:
    return prepare(fullest)


def test_its_code(fullest: Path, environment: Environment) -> None:
    assert complaints("ruff", "format", "--diff", "--no-cache", ".", cwd=fullest) == ""
    assert complaints("ruff", "check", "--no-cache", ".", cwd=fullest) == ""
    for command in (["mypy"], ["lint-imports", "--no-cache"]):
        result = environment.run(*command, cwd=fullest)
        assert result.code == 0, result.out


def test_the_migrations_of_another_engine_stay(tmp_path: Path, engine: str) -> None:
    """They are checked without the package of that engine, which the project no longer requires."""
    project = generate(tmp_path, patterns=("queue",))
    plan = plan_add_patterns(project, read_state(project), ("queue",), engine)
    apply(project, plan.changes)

    result = prepare(project).run("mypy", "migrations", cwd=project)

    assert (project / "migrations" / "library_tables.py").exists()
    assert result.code == 0, result.out


def test_its_own_tests(fullest: Path, environment: Environment) -> None:
    """Those of the queue, and of its insides; in random order and in parallel."""
    options = ["--random-order", "--random-order-seed=1", "--numprocesses=2"]
    folders = ["tests/api/tasks", "tests/architecture", "tests/queue", DESTINATION]
    result = environment.run("pytest", "-q", *options, *folders, cwd=fullest)

    assert result.code == 0, result.out
    assert " skipped" not in result.out.splitlines()[-1]


def test_its_tests_use_a_broker(smallest: Path, environment: Environment) -> None:
    """As in the CI workflow."""
    with RABBITMQ.virtual_host() as host:
        broker = {"TEST_TASK_BROKER_URL": f"{RABBITMQ.url}/{host}"}
        result = environment.run("pytest", "-q", "tests/queue", cwd=smallest, env=broker)

    assert result.code == 0, result.out


def test_its_settings(smallest: Path, environment: Environment) -> None:
    code = "from app.settings import Settings; print(*Settings.model_fields)"
    result = environment.run_code(code, cwd=smallest, env={"ENVIRONMENT": "test"})
    fields = {name.upper() for name in result.out.split()}

    assert {*known_settings(contents(smallest))} == fields


def test_it_starts_and_every_route_answers(smallest: Path, environment: Environment) -> None:
    environment.migrate(smallest)
    check_every_route(smallest, environment)
