"""A pattern is a handful of files and hub entries, shown by two that exist only here.

`alpha` brings a resource with its settings, its probe and its router, and narrows every slice to
the rows of a tenant. `beta` decorates the reads of every slice, and adds a router to each.
"""

import shutil
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from fastgen.rendering import project_renderer
from fastgen.resources import manifest
from tests.environment import Environment, prepare
from tests.live.server import serve
from tests.matrix.callers import call_everything
from tests.support import TEMPLATES, contents, generate

HERE = Path(__file__).parent / "patterns"
COMBINATIONS = [(), ("alpha",), ("beta",), ("alpha", "beta")]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The templates with two more patterns: files, what defines them, and rows of slices."""
    folder = tmp_path_factory.mktemp("templates") / "templates"
    shutil.copytree(TEMPLATES, folder)
    for pattern in ("alpha", "beta"):
        shutil.copytree(HERE / pattern, folder / "project" / "skeleton", dirs_exist_ok=True)
        shutil.copy(HERE / f"{pattern}.yml", folder / "project" / "patterns")
    shutil.copytree(HERE / "slice", folder / "slice", dirs_exist_ok=True)
    copier = folder / "project" / "copier.yml"
    text = copier.read_text()
    last = "('websockets', websockets_brings),"
    assert text.count(last) == 1
    copier.write_text(text.replace(last, f"{last} ('alpha', alpha_brings), ('beta', beta_brings),"))
    table = folder / "slice" / "slice.toml"
    first = "[[routers]]\n"
    routers = (HERE / "slice_routers.toml").read_text()
    table.write_text(
        table.read_text().replace(first, routers + first, 1) + (HERE / "slice.toml").read_text()
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project_renderer, "templates", lambda: folder)
        patch.setattr(manifest, "templates", lambda: folder)
        yield folder


@pytest.fixture(scope="module", params=COMBINATIONS, ids="-".join)
def combination(request: pytest.FixtureRequest) -> tuple[str, ...]:
    chosen: tuple[str, ...] = request.param
    return chosen


@pytest.fixture(scope="module")
def project(
    templates: Path, combination: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    assert templates.is_dir()
    return generate(tmp_path_factory.mktemp("patterns"), patterns=combination)


@pytest.fixture(scope="module")
def files(project: Path) -> dict[str, bytes]:
    """What was rendered, before anything ran."""
    return contents(project)


@pytest.fixture(scope="module")
def its_environment(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    assert templates.is_dir()
    return prepare(generate(tmp_path_factory.mktemp("both"), patterns=("alpha", "beta")))


def test_neither_changes_nothing(
    combination: tuple[str, ...], files: dict[str, bytes], plain_project: Path
) -> None:
    """The lists that nobody contributes to leave no trace."""
    is_plain = files == contents(plain_project)

    assert is_plain == (combination == ())


def test_the_checks_of_the_project(project: Path, its_environment: Environment) -> None:
    for command in (
        ["ruff", "format", "--diff", "--no-cache"],
        ["ruff", "check", "--no-cache"],
        ["mypy"],
        ["lint-imports", "--no-cache"],
        ["pytest", "-q", "--cov"],
    ):
        result = its_environment.run(*command, cwd=project)

        assert result.code == 0, f"{command}: {result.out}{result.err}"


def test_it_starts_and_every_route_answers(project: Path, its_environment: Environment) -> None:
    with serve(project, its_environment) as server:
        calls = call_everything(server.url)

    assert [call for call in calls if not call.is_documented] == []


def test_each_brings_exactly_its_files(
    combination: tuple[str, ...], files: dict[str, bytes], plain_project: Path
) -> None:
    brought = files.keys() - contents(plain_project).keys()

    expected = {
        "alpha": {
            "app/api/dependencies/tenant.py",
            "app/api/v1/stock.py",
            "app/core/stock.py",
            "app/core/stock_settings.py",
            "tests/api/test_stock.py",
            "tests/tenants.py",
        },
        "beta": {
            "app/api/v1/items_count.py",
            "app/core/counting.py",
            "tests/unit/test_counting.py",
        },
    }
    assert brought == {path for pattern in combination for path in expected[pattern]}


def test_a_slice_differs_where_the_table_says(
    combination: tuple[str, ...], files: dict[str, bytes], plain_project: Path
) -> None:
    plain = contents(plain_project)
    changed = {path for path in plain if "item" in path and plain[path] != files[path]}

    expected = {
        "alpha": {
            "app/api/dependencies/items.py",
            "app/models/item.py",
            "tests/unit/test_item_service.py",
        },
        "beta": {"app/api/v1/items.py"},
    }
    assert changed == {path for pattern in combination for path in expected[pattern]}


def test_the_order_of_the_answer_does_not_matter(templates: Path, tmp_path: Path) -> None:
    assert templates.is_dir()
    trees = [
        {**contents(generate(tmp_path / str(number), patterns=order)), ".fastgen.toml": b""}
        for number, order in enumerate(permutations(("alpha", "beta")))
    ]

    assert trees[0] == trees[1]
