"""The extra `graphql`: resources of every kind and name, their statements and their limits."""

from pathlib import Path

import pytest

from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment
from tests.matrix.combinations import ALL, label
from tests.matrix.resources import KINDS, NAMED
from tests.matrix.test_generated import DESTINATION, add_insides
from tests.support import generate

EXTRA = Operation("extra", "graphql")


@pytest.fixture(scope="module", params=[ALL[0], ALL[-1]], ids=label)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The emptiest one with fields of every kind, and the fullest one with references."""
    folder = tmp_path_factory.mktemp("graphql")
    operations = (*EXAMPLES, *NAMED, *(() if request.param else KINDS), EXTRA)
    project = generate(folder, patterns=request.param, operations=operations)
    if request.param:
        add_insides(project, ["graphql"])
    return project


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "format", "--diff", "--no-cache"],
        ["ruff", "check", "--no-cache"],
        ["mypy", "app/graphql", "tests/graphql", DESTINATION],
        ["lint-imports", "--no-cache"],
        ["pytest", "-q", "tests/graphql", DESTINATION],
    ],
    ids=lambda command: command[0],
)
def test_its_checks(project: Path, environment: Environment, command: list[str]) -> None:
    command = [each for each in command if each != DESTINATION or (project / each).exists()]

    result = environment.run(*command, cwd=project)

    assert result.code == 0, result.out + result.err
