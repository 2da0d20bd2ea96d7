"""Extras fit every combination of patterns, and leave nothing behind when they are removed."""

from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from fastgen.cli import run
from fastgen.project.extras import all_extras, extras_of, names
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import names as patterns
from tests.environment import Environment
from tests.matrix.callers import FIRST_ADMIN, check_every_route
from tests.matrix.combinations import ALL, EVERYTHING, MIXED, Combination, label
from tests.matrix.test_static import complaints, known_settings
from tests.support import DEPTRY, TEMPLATES, contents, generate

EXTRAS = tuple(Operation("extra", name) for name in names())
ALONE = ((), ("database",), ALL[-1])
"""The patterns of projects that have each extra by itself, and all together."""


def possible(combination: Combination) -> tuple[Operation, ...]:
    """The extras that a project with these patterns can have."""
    needs = {extra.name: {*extra.needs} for extra in all_extras()}
    return tuple(one for one in EXTRAS if needs[one.name] <= {*combination})


@dataclass(frozen=True)
class Choice:
    """A project with extras."""

    patterns: Combination
    extras: tuple[Operation, ...]

    def __str__(self) -> str:
        extras = self.extras[0].name if len(self.extras) == 1 else "together"
        return f"{label(self.patterns)}-with-{extras}"

    @property
    def names(self) -> set[str]:
        return {extra.name for extra in self.extras}

    def generate(self, folder: Path) -> Path:
        operations = (*EXAMPLES, *self.extras)
        return generate(folder, name=str(self), patterns=self.patterns, operations=operations)


TOGETHER = [Choice(patterns, possible(patterns)) for patterns in ALONE]
CHOICES = [*TOGETHER, *(Choice(each, (one,)) for each in ALONE for one in possible(each))]
IN_APP = [
    choice
    for choice in CHOICES
    if any([*(TEMPLATES / "extras" / name).glob("*/app")] for name in choice.names)
]
"""Those whose extras have modules of the application."""
ONCE = [
    choice
    for extra, patterns in zip(EXTRAS, cycle((ALONE[0], ALONE[-1], ALONE[1])), strict=False)
    if (choice := Choice(patterns, (extra,))) in IN_APP
]
"""Each extra that has such modules, with one of these sets of patterns."""
TYPED = IN_APP if EVERYTHING else [*TOGETHER, *ONCE]
STARTED = CHOICES if EVERYTHING else TOGETHER
TESTED = CHOICES if EVERYTHING else [TOGETHER[1]]
"""Those of them whose own tests run completely."""
MIGRATED = [each for each in STARTED if "database" in each.patterns]


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project for each choice."""
    folder = tmp_path_factory.mktemp("choices")
    for choice in CHOICES:
        choice.generate(folder)
    return folder


def test_they_are_laid_out_and_clean(tmp_path: Path, projects: Path) -> None:
    for combination in ALL:
        additions = (*EXAMPLES, *possible(combination))
        generate(tmp_path, name=label(combination), patterns=combination, operations=additions)

    for folder in (tmp_path, projects):
        assert complaints("ruff", "format", "--diff", "--no-cache", ".", cwd=folder) == ""
        assert complaints("ruff", "check", "--no-cache", ".", cwd=folder) == ""


@pytest.mark.parametrize("name", names())
def test_an_extra_is_a_folder(name: str) -> None:
    """With a page for its operators, and nothing that only other extras would need."""
    folder = TEMPLATES / "extras" / name

    assert [*folder.glob(f"files/docs/{name}.md*")]
    for entry in folder.iterdir():
        met = {*entry.name.split("_")[1:]} if entry.name.startswith("with_") else set()
        assert entry.name in ("extra.toml", "files", "resource") or (
            met and met <= {*patterns(), "redis"}
        )


@pytest.mark.parametrize("combination", [ALL[0], ALL[-1]], ids=label)
def test_added_later_they_are_as_from_the_start(
    combination: Combination, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [one.name for one in possible(combination)]
    added = generate(tmp_path, patterns=combination)
    before = contents(added)
    monkeypatch.chdir(added)

    assert run(["add", "extra", *chosen, "--yes"]) == 0
    operations = (*EXAMPLES, *possible(combination))
    assert contents(added) == contents(
        generate(tmp_path / "new", patterns=combination, operations=operations)
    )
    for name in reversed(chosen):
        assert run(["remove", "extra", name, "--yes"]) == 0
    assert contents(added) == before


@pytest.mark.parametrize("choice", IN_APP, ids=str)
@pytest.mark.parametrize("command", [["lint-imports", "--no-cache"], DEPTRY], ids=lambda it: it[0])
def test_contracts_and_requirements(
    choice: Choice, command: list[str], projects: Path, environment: Environment
) -> None:
    result = environment.run(*command, cwd=projects / str(choice))

    assert result.code == 0, result.out + result.err


@pytest.mark.parametrize("choice", TYPED, ids=str)
def test_types(choice: Choice, projects: Path, environment: Environment) -> None:
    result = environment.run("mypy", cwd=projects / str(choice))

    assert result.code == 0, result.out


@pytest.mark.parametrize("choice", STARTED, ids=str)
def test_its_own_tests(choice: Choice, projects: Path, environment: Environment) -> None:
    """All of them, or those of the extras and of the architecture."""
    project = projects / str(choice)
    chosen = MIXED if choice in TESTED else [*sorted(own_tests(project)), "tests/architecture"]

    result = environment.run("pytest", "-q", *chosen, cwd=project)

    assert result.code == 0, result.out
    assert " skipped" not in result.out.splitlines()[-1]


def own_tests(project: Path) -> set[str]:
    """The folders of tests that the extras have brought."""
    folders = {
        Path("tests", path.name)
        for extra in all_extras()
        for path in extra.folder.glob("*/tests/*/")
    }
    return {str(folder) for folder in folders if (project / folder).is_dir()}


@pytest.mark.parametrize("choice", STARTED, ids=str)
def test_it_starts_and_every_route_answers(
    choice: Choice, environment: Environment, tmp_path: Path
) -> None:
    project = choice.generate(tmp_path)
    environment.migrate(project)
    environment.make_admin(project, FIRST_ADMIN)
    check_every_route(project, environment, FIRST_ADMIN)


@pytest.mark.parametrize("choice", MIGRATED, ids=str)
def test_migrations(choice: Choice, environment: Environment, tmp_path: Path) -> None:
    """Up and down, and what they make is what the models say."""
    project = choice.generate(tmp_path)
    url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    steps = ["upgrade head", "check", "downgrade base", "upgrade head", "check"]

    printed = environment.alembic(project, *steps, env=url)

    assert printed.count("No new upgrade operations detected.") == 2


@pytest.mark.parametrize("choice", TYPED, ids=str)
def test_settings_are_those_of_the_example(
    choice: Choice, projects: Path, environment: Environment
) -> None:
    project = projects / str(choice)
    code = "from app.settings import Settings; print(*Settings.model_fields)"
    result = environment.run_code(code, cwd=project, env={"ENVIRONMENT": "test"})

    assert sorted(result.out.upper().split()) == sorted(known_settings(contents(project)))


def test_they_are_in_order() -> None:
    assert extras_of(reversed(EXTRAS)) == names()
