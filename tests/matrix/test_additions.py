"""What `fastgen add` brings fits every combination of patterns."""

from pathlib import Path

import pytest

from fastgen.cli import run
from fastgen.middleware.catalogue import known
from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment
from tests.matrix.callers import check_every_route
from tests.matrix.combinations import ALL, EVERYTHING, Combination, label
from tests.matrix.resources import KINDS, NAMED, PARTS, without_tests_of
from tests.matrix.test_static import compile_all, complaints
from tests.support import DEPTRY, contents, generate

SHARED = Operation("router", "bundles", {"fields": ("voucher:ref(vouchers)",), "owned": "no"})
OF_ADDITIONS = ["tests/api", "tests/architecture", "tests/middleware", "tests/unit"]
"""The tests that additions bring, and those that they can change."""
SAMPLE = [*OF_ADDITIONS, *without_tests_of((*KINDS, *PARTS))]
"""The tests of the fullest project in the gate.

`test_databases.py` has those of each kind of field. Names run here in the emptiest project, and
each route of the fullest is called.
"""
MIDDLEWARE = tuple(Operation("middleware", name) for name in [*known(), "audit"])


def test_they_are_laid_out_and_clean(tmp_path: Path) -> None:
    additions = (*EXAMPLES, KINDS[0], SHARED, *MIDDLEWARE)
    for combination in ALL:
        generate(tmp_path, name=label(combination), patterns=combination, operations=additions)

    assert complaints("ruff", "format", "--diff", "--no-cache", ".", cwd=tmp_path) == ""
    assert complaints("ruff", "check", "--no-cache", ".", cwd=tmp_path) == ""
    compile_all(contents(tmp_path / label(combination)) for combination in ALL)


@pytest.mark.parametrize("combination", ALL, ids=label)
def test_taken_out_again_nothing_is_left(
    combination: Combination, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = generate(tmp_path, patterns=combination)
    monkeypatch.chdir(project)
    before = contents(project)
    for command in ("add", "remove"):
        for step in (["router", "orders"], ["middleware", "rate-limit"]):
            assert run([command, *step, "--yes"]) == 0
            assert contents(project) != before or command == "remove"

    assert contents(project) == before


@pytest.fixture(scope="module", params=[ALL[0], ALL[-1]], ids=label)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The emptiest and the fullest project, with all that can be added."""
    folder = tmp_path_factory.mktemp("additions")
    additions = (*NAMED, *KINDS, *MIDDLEWARE)
    return generate(folder, patterns=request.param, operations=(*EXAMPLES, *additions))


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "format", "--diff", "--no-cache"],
        ["ruff", "check", "--no-cache"],
        ["mypy"],
        ["lint-imports", "--no-cache"],
        DEPTRY,
        ["pytest", "-q"],
    ],
    ids=lambda command: command[0],
)
def test_the_checks_of_a_project_with_all_that_can_be_added(
    project: Path, environment: Environment, command: list[str]
) -> None:
    if command[0] == "pytest":
        is_fullest = (project / "migrations").exists()
        command = [*command, *(SAMPLE if is_fullest and not EVERYTHING else ["--cov"])]

    result = environment.run(*command, cwd=project)

    assert result.code == 0, result.out + result.err


def test_every_route_answers(project: Path, environment: Environment) -> None:
    environment.migrate(project)
    calls = check_every_route(project, environment)

    for operation in (*NAMED, *KINDS):
        url = operation.name.replace("_", "-")
        assert f"get /api/v1/{url}" in {call.operation for call in calls}
