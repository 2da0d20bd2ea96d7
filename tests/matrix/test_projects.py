"""Tier 2: every combination does what it promises: tests, types, contracts, a real start."""

from itertools import combinations
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.matrix.callers import FIRST_ADMIN, check_every_route
from tests.matrix.combinations import (
    ALL,
    COMPLETE,
    COVERING,
    COVERING_THREES,
    EVERYTHING,
    MIXED,
    WITH_API,
    Combination,
    label,
)
from tests.matrix.test_generated import FOLDERS
from tests.support import generate

ARCHITECTURE = ["tests/architecture"]
OF_THE_API = ["tests/api", *ARCHITECTURE]
"""The tests of what differs between combinations; the others test parts by themselves."""


# The fullest first: what takes longest must not be what all wait for in the end.
@pytest.fixture(scope="module", params=ALL[::-1], ids=label)
def combination(request: pytest.FixtureRequest) -> Combination:
    chosen: Combination = request.param
    return chosen


@pytest.fixture(scope="module")
def project(combination: Combination, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In a folder whose name means something in URLs, settings files and shells."""
    return generate(tmp_path_factory.mktemp("100 % my, prôjects & co"), patterns=combination)


@pytest.mark.parametrize(("size", "chosen"), [(2, COVERING), (3, COVERING_THREES)])
def test_the_covering_ones_cover_every_choice(size: int, chosen: list[Combination]) -> None:
    def choices(combination: Combination) -> set[tuple[tuple[str, bool], ...]]:
        return {*combinations([(name, name in combination) for name in ALL[-1]], size)}

    assert set().union(*map(choices, chosen)) == set().union(*map(choices, ALL))


# Those of the others run where their insides are tested.
@pytest.mark.parametrize(
    "combination",
    [one for one in ALL[::-1] if one not in FOLDERS],
    indirect=True,
    ids=label,
    scope="module",
)
def test_its_own_tests(combination: Combination, project: Path, environment: Environment) -> None:
    if combination in COMPLETE:
        options = [*MIXED, "--cov"] if EVERYTHING else MIXED
    else:
        options = OF_THE_API if combination in WITH_API else ARCHITECTURE
    result = environment.run("pytest", "-q", *options, cwd=project)

    assert result.code == 0, result.out
    assert " skipped" not in result.out.splitlines()[-1]
    assert not EVERYTHING or "Required test coverage of 85.0% reached" in result.out


def test_its_types(project: Path, environment: Environment) -> None:
    result = environment.run("mypy", cwd=project)

    assert result.code == 0, result.out


def test_its_contracts(project: Path, environment: Environment) -> None:
    result = environment.run("lint-imports", "--no-cache", cwd=project)

    assert result.code == 0, result.out


def test_it_starts_and_every_route_answers(project: Path, environment: Environment) -> None:
    environment.migrate(project)
    environment.make_admin(project, FIRST_ADMIN)
    check_every_route(project, environment, FIRST_ADMIN)


@pytest.mark.parametrize("patterns", [one for one in WITH_API if "database" in one], ids=label)
def test_its_migrations(patterns: Combination, environment: Environment, tmp_path: Path) -> None:
    """Up and down, and what they make is what the models say."""
    project = generate(tmp_path, patterns=patterns)
    url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    steps = ["upgrade head", "check", "downgrade base", "upgrade head", "check"]

    printed = environment.alembic(project, *steps, env=url)

    assert printed.count("No new upgrade operations detected.") == 2
