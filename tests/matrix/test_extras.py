"""Extras fit every combination of patterns, and leave nothing behind when they are removed."""

import json
import re
from pathlib import Path

import pytest

from fastgen.cli import run
from fastgen.project.extras import all_extras, extras_of, names
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import names as patterns
from tests.environment import prepare
from tests.matrix.combinations import ALL, Combination, label
from tests.matrix.test_static import SETTING, complaints, known_settings
from tests.support import DEPTRY, TEMPLATES, contents, generate

OF_OTHER_PROGRAMS = {"OTEL_RESOURCE_ATTRIBUTES", "PROMETHEUS_MULTIPROC_DIR", "SITE_ADDRESS"}
"""Variables that are not settings of the service."""
EXTRAS = tuple(Operation("extra", name) for name in names())


def possible(combination: Combination) -> tuple[Operation, ...]:
    """The extras that a project with these patterns can have."""
    needs = {extra.name: {*extra.needs} for extra in all_extras()}
    return tuple(one for one in EXTRAS if needs[one.name] <= {*combination})


def test_they_are_laid_out_and_clean(tmp_path: Path) -> None:
    for combination in ALL:
        additions = (*EXAMPLES, *possible(combination))
        generate(tmp_path, name=label(combination), patterns=combination, operations=additions)

    assert complaints("ruff", "format", "--diff", "--no-cache", ".", cwd=tmp_path) == ""
    assert complaints("ruff", "check", "--no-cache", ".", cwd=tmp_path) == ""


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


@pytest.fixture(scope="module", params=[ALL[0], ALL[-1]], ids=label)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The emptiest and the fullest project, with all extras that they can have."""
    folder = tmp_path_factory.mktemp("extras")
    operations = (*EXAMPLES, *possible(request.param))
    return generate(folder, patterns=request.param, operations=operations)


@pytest.mark.parametrize(
    "command",
    [
        ["mypy"],
        ["lint-imports", "--no-cache"],
        DEPTRY,
        ["pytest", "-q"],
    ],
    ids=lambda command: command[0],
)
def test_the_checks_of_a_project_with_all_extras(project: Path, command: list[str]) -> None:
    environment = prepare(project)
    if command[0] == "pytest":
        command = [*command, *sorted(own_tests(project)), "tests/architecture"]

    result = environment.run(*command, cwd=project)

    assert result.code == 0, result.out + result.err


def own_tests(project: Path) -> set[str]:
    """The folders of tests that the extras have brought."""
    folders = {
        Path("tests", path.name)
        for extra in all_extras()
        for path in extra.folder.glob("*/tests/*/")
    }
    return {str(folder) for folder in folders if (project / folder).is_dir()}


def test_settings_are_those_of_the_example(project: Path) -> None:
    code = "from app.settings import Settings; print(*Settings.model_fields)"
    result = prepare(project).run_code(code, cwd=project, env={"ENVIRONMENT": "test"})

    assert sorted(result.out.upper().split()) == sorted(known_settings(contents(project)))


def test_pages_name_settings_that_exist(project: Path) -> None:
    known = {*known_settings(contents(project))}
    for name in names():
        page = project / "docs" / f"{name}.md"
        if page.is_file():
            named = {*SETTING.findall(page.read_text("utf-8"))}
            assert named - OF_OTHER_PROGRAMS <= known, name


def test_they_are_in_order() -> None:
    assert extras_of(reversed(EXTRAS)) == names()


def test_containers_are_described_as_their_tools_expect(tmp_path: Path) -> None:
    project = generate(tmp_path, operations=(*EXAMPLES, *possible(ALL[0])))
    path = project / "deploy" / "proxy" / "compose.yaml"
    # A tag of Compose that the reader of the schema does not know.
    path.write_text(path.read_text("utf-8").replace("!reset ", ""), "utf-8")

    compose = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    assert complaints(*compose, str(path), cwd=project) == ""
    description = json.loads((project / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    recipes = re.findall(r"^(\w+)", (project / "justfile").read_text("utf-8"), re.MULTILINE)
    assert description["postCreateCommand"].removeprefix("just ") in recipes
