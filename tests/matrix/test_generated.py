"""The infrastructure of generated projects: its tests run inside of a project that has it.

A folder of `tests/generated` is copied into the tests of a project.
"""

import shutil
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.matrix.combinations import ALL, MIXED, Combination, label
from tests.support import ROOT, generate

GENERATED = ROOT / "tests" / "generated"
FOLDERS: dict[Combination, list[str]] = {
    (): ["core", "memory"],
    ("database",): ["core", "database"],
    ALL[-1]: [
        *["auth", "core", "database", "cache", "queue", "procrastinate", "redis"],
        *["realtime", "files"],
    ],
}
"""The patterns of a project, and the folders whose tests it passes."""
OF_ENGINES = {
    "celery": ["queue", "outbox", "celery"],
    "dramatiq": ["queue", "outbox", "dramatiq"],
}
"""The further engines of the queue, and the folders whose tests a project with one passes."""
OF_EXTRAS = {"graphql"}
"""Folders that the tests of an extra run."""
DESTINATION = "tests/insides"


def add_insides(project: Path, folders: list[str]) -> None:
    inserted = project / DESTINATION
    for folder in folders:
        shutil.copytree(GENERATED / folder, inserted / folder)
    for folder in ("", *folders):
        (inserted / folder / "__init__.py").write_text('"""Tests of insides."""\n', "utf-8")


def test_each_folder_is_tested() -> None:
    every = [*FOLDERS.values(), *OF_ENGINES.values()]
    tested = {folder for folders in every for folder in folders}

    assert {path.name for path in GENERATED.iterdir()} == tested | OF_EXTRAS


@pytest.mark.parametrize("patterns", [*FOLDERS][::-1], ids=label)
def test_infrastructure(patterns: Combination, environment: Environment, tmp_path: Path) -> None:
    """A project's own tests cover 85 % of its branches, and with those of its insides 95 %."""
    project = generate(tmp_path, patterns=patterns)
    own = environment.run("pytest", "-q", *MIXED, "--cov", cwd=project)
    assert own.code == 0, own.out
    assert " skipped" not in own.out.splitlines()[-1]
    assert "Required test coverage of 85.0% reached" in own.out

    add_insides(project, FOLDERS[patterns])
    typed = environment.run("mypy", DESTINATION, cwd=project)
    checked = environment.run("ruff", "check", "--no-cache", DESTINATION, cwd=project)
    coverage = ["--cov", "--cov-append", "--cov-fail-under=95"]
    tested = environment.run("pytest", "-q", DESTINATION, *coverage, cwd=project)

    assert typed.code == 0, typed.out
    assert checked.code == 0, checked.out
    assert tested.code == 0, tested.out
    assert "Required test coverage of 95% reached" in tested.out
