"""A pattern is a folder, shown by three that exist only here.

`alpha` contributes an object of the lifespan with its settings, its probe and its router, and
limits resources to the rows of a tenant. `beta` decorates the reads of resources, and adds a router
to each. `gamma` needs `alpha`, has a page for the owners of a project, and meets `beta`.
The recipe for a new pattern in CONTRIBUTING.md is what this module does.
"""

import shutil
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from fastgen.project import patterns
from fastgen.rendering import template_folder
from tests.environment import Environment, prepare
from tests.matrix.callers import check_every_route
from tests.support import TEMPLATES, contents, generate

HERE = Path(__file__).parent / "patterns"
PAGE = """{% if "gamma" in patterns %}
| [docs/gamma.md](docs/gamma.md) | reserved parts |
{% endif %}
"""
"""The link that `README.md.jinja` gets, as the recipe says."""
COMBINATIONS = [(), ("alpha",), ("beta",), ("alpha", "beta")]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The templates with three more patterns."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(TEMPLATES, checkout / "templates")
    shutil.copytree(HERE, checkout / "templates" / "patterns", dirs_exist_ok=True)
    readme = checkout / "templates" / "core" / "README.md.jinja"
    above, link, below = readme.read_text("utf-8").partition('{% if "websockets" in patterns %}\n|')
    readme.write_text(above + PAGE + link + below, "utf-8", newline="\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(template_folder, "_places", [checkout / "templates"])
        template_folder.templates.cache_clear()
        yield checkout / "templates"
    template_folder.templates.cache_clear()


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


@pytest.fixture
def files(templates: Path, combination: tuple[str, ...], tmp_path: Path) -> dict[str, bytes]:
    """The files of the project, in which nothing has run."""
    assert templates.is_dir()
    return contents(generate(tmp_path, patterns=combination))


@pytest.fixture(scope="module")
def its_environment(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    assert templates.is_dir()
    return prepare(generate(tmp_path_factory.mktemp("both"), patterns=("alpha", "beta")))


@pytest.mark.usefixtures("templates")
def test_they_are_on_offer() -> None:
    assert patterns.names()[-3:] == ("alpha", "beta", "gamma")


def test_neither_changes_nothing(
    combination: tuple[str, ...], files: dict[str, bytes], plain_project: Path
) -> None:
    """A list without contributions leaves no trace."""
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
    check_every_route(project, its_environment)


def test_each_adds_exactly_its_files(
    combination: tuple[str, ...], files: dict[str, bytes], plain_project: Path
) -> None:
    added = files.keys() - contents(plain_project).keys()
    own = {
        pattern: {
            path.relative_to(HERE / pattern / "files").as_posix()
            for path in (HERE / pattern / "files").rglob("*.py")
        }
        for pattern in combination
    }
    of_resources = {"app/api/v1/items_count.py"} if "beta" in combination else set()

    assert added == of_resources.union(*own.values())


def test_a_pattern_brings_what_it_needs_its_page_and_its_files_for_others(
    templates: Path, tmp_path: Path
) -> None:
    assert templates.is_dir()
    alone, alpha, both = (
        contents(generate(tmp_path / "-".join(chosen), patterns=chosen))
        for chosen in (("gamma",), ("alpha",), ("beta", "gamma"))
    )

    assert patterns.with_needs(["gamma"]) == ("alpha", "gamma")
    assert patterns.needs_sentences(["gamma"]) == ["`gamma` needs `alpha`: it is included."]
    assert alone.keys() - alpha.keys() == {"app/core/reservations.py", "docs/gamma.md"}
    assert both.keys() - alone.keys() >= {"app/core/counted_reservations.py"}
    link = b"| [docs/gamma.md](docs/gamma.md) |"
    assert [link in tree["README.md"] for tree in (alone, alpha, both)] == [True, False, True]
    for row, expected in (
        (b'["X-Reserved-For"] = "the tests"', [True, False, True]),
        (b'["X-Counted"] = "true"', [False, False, True]),
    ):
        found = [any(row in content for content in tree.values()) for tree in (alone, alpha, both)]
        assert found == expected


def test_a_resource_differs_where_the_manifest_says(
    combination: tuple[str, ...], files: dict[str, bytes], plain_project: Path
) -> None:
    plain = contents(plain_project)
    changed = {path for path in plain if "item" in path and plain[path] != files[path]}

    expected = {
        "alpha": {
            "app/api/v1/items.py",
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
