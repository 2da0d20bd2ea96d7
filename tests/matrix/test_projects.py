"""Tier 2: every combination does what it promises: tests, types, contracts, a real start."""

from itertools import combinations, product
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.live.server import serve
from tests.matrix.callers import FIRST_ADMIN, call_everything
from tests.matrix.combinations import ALL, COVERING, Combination, label
from tests.support import generate


# The fullest first: what takes longest must not be what all wait for in the end.
@pytest.fixture(scope="module", params=ALL[::-1], ids=label)
def combination(request: pytest.FixtureRequest) -> Combination:
    chosen: Combination = request.param
    return chosen


@pytest.fixture(scope="module")
def project(combination: Combination, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In a folder whose name means something in URLs, settings files and shells."""
    return generate(tmp_path_factory.mktemp("100 % my, prôjects & co"), patterns=combination)


def test_the_covering_ones_cover_every_pair() -> None:
    pairs = list(combinations(ALL[-1], 2))
    shown = {(pair, tuple(name in one for name in pair)) for one in COVERING for pair in pairs}

    assert shown == set(product(pairs, product((True, False), repeat=2)))


def test_its_own_tests(combination: Combination, project: Path, environment: Environment) -> None:
    """To measure their coverage takes twice the time; `just coverage` does it for all."""
    is_measured = combination in COVERING
    result = environment.run("pytest", "-q", *(["--cov"] if is_measured else []), cwd=project)

    assert result.code == 0, result.out
    assert " skipped" not in result.out.splitlines()[-1]
    assert not is_measured or "Required test coverage of 95.0% reached" in result.out


def test_its_types(project: Path, environment: Environment) -> None:
    result = environment.run("mypy", cwd=project)

    assert result.code == 0, result.out


def test_its_contracts(project: Path, environment: Environment) -> None:
    result = environment.run("lint-imports", "--no-cache", cwd=project)

    assert result.code == 0, result.out


def test_it_starts_and_every_route_answers(project: Path, environment: Environment) -> None:
    environment.migrate(project)
    environment.make_admin(project, FIRST_ADMIN)
    with serve(project, environment, env=FIRST_ADMIN) as server:
        calls = call_everything(server.url)

    assert len(calls) >= 3
    assert [call for call in calls if not call.is_documented] == []


def test_its_migrations(project: Path, environment: Environment, tmp_path: Path) -> None:
    """Up and down, and what they make is what the models say."""
    if not (project / "migrations").exists():
        return
    url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    for command in ("upgrade head", "check", "downgrade base", "upgrade head", "check"):
        result = environment.run("alembic", *command.split(), cwd=project, env=url)

        assert result.code == 0, f"{command}: {result.out}{result.err}"


def test_its_tests_do_not_depend_on_each_other(
    combination: Combination, project: Path, environment: Environment
) -> None:
    if combination not in COVERING:
        return
    result = environment.run("pytest", "-q", "--random-order", "--numprocesses=2", cwd=project)

    assert result.code == 0, result.out
