from pathlib import Path

import pytest

from fastgen.errors import Refused
from fastgen.migrations.revisions import FOLDER, head


def write(root: Path, **files: str) -> None:
    (root / FOLDER).mkdir(parents=True)
    for name, text in files.items():
        (root / FOLDER / f"{name}.py").write_text(text)


def test_no_folder_has_no_head(tmp_path: Path) -> None:
    assert head(tmp_path) is None


def test_the_one_that_no_other_follows(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='revision: str = "1"\ndown_revision = None\n',
        b="revision = '3'\ndown_revision: str | None = '2'\n",
        c='"""Two."""\n\nrevision = "2"\ndown_revision = "1"\nbranch_labels = None\nother = a()\n',
        helper="x = 1\n",
    )

    assert head(tmp_path) == "3"


def test_branches_that_were_joined(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='revision = "1"\ndown_revision = None\n',
        b='revision = "2"\ndown_revision = None\n',
        c='revision = "3"\ndown_revision = ("1", "2")\n',
    )

    assert head(tmp_path) == "3"


def test_branches_that_were_not(tmp_path: Path) -> None:
    write(tmp_path, a='revision = "1"\n', b='revision = "2"\n')

    with pytest.raises(Refused, match="several last revisions: 1, 2"):
        head(tmp_path)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, a="revision = (\n")

    with pytest.raises(Refused, match=r"a\.py` is not valid Python"):
        head(tmp_path)
