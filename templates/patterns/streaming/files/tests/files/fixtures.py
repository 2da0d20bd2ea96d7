"""The folder for uploaded files."""

from pathlib import Path
from shutil import rmtree

import pytest


@pytest.fixture(scope="session")
def files_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "files"


@pytest.fixture
def folder(files_folder: Path) -> Path:
    """It does not exist yet. It is the same for all tests, so that their settings are equal."""
    rmtree(files_folder, ignore_errors=True)
    return files_folder
