"""The infrastructure of generated projects: its tests run inside of a project that has it.

A folder of `tests/generated` is copied into the tests of a project.
"""

import shutil
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.matrix.combinations import Combination
from tests.support import ROOT, generate

FOLDERS: dict[str, Combination] = {"database": ("database",), "memory": ()}
"""The patterns of the project that each folder tests."""
DESTINATION = "tests/insides"
FIXTURES = "notes.py"
"""A module of a folder that defines fixtures."""


def test_each_folder_is_tested() -> None:
    assert {path.name for path in (ROOT / "tests" / "generated").iterdir()} == {*FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS)
def test_infrastructure(folder: str, environment: Environment, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=FOLDERS[folder])
    inserted = project / DESTINATION
    shutil.copytree(ROOT / "tests" / "generated" / folder, inserted)
    (inserted / "__init__.py").write_text('"""The tests of the infrastructure."""\n', "utf-8")
    plugins = ["-p", "tests.insides.notes"] if (inserted / FIXTURES).exists() else []

    typed = environment.run("mypy", DESTINATION, cwd=project)
    checked = environment.run("ruff", "check", "--no-cache", DESTINATION, cwd=project)
    tested = environment.run("pytest", "-q", "--cov", *plugins, cwd=project)

    assert typed.code == 0, typed.out
    assert checked.code == 0, checked.out
    assert tested.code == 0, tested.out
