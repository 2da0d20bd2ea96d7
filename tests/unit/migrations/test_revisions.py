from pathlib import Path

import pytest

from fastgen.errors import Refused
from fastgen.migrations.revisions import (
    FOLDER,
    Revision,
    descendants,
    head,
    next_revision,
    read_revisions,
)


def write(root: Path, **files: str) -> None:
    (root / FOLDER).mkdir(parents=True)
    for name, text in files.items():
        (root / FOLDER / f"{name}.py").write_text(text)


def head_of(root: Path) -> str | None:
    return head(read_revisions(root))


def test_no_folder_has_no_head(tmp_path: Path) -> None:
    assert head_of(tmp_path) is None


def test_the_head_is_the_one_that_no_other_follows(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='revision: str = "1"\ndown_revision = None\n',
        b="revision = '3'\ndown_revision: str | None = '2'\n",
        c='"""revision = "9"\n"""\n\nrevision = "2"\ndown_revision = (\n    "1"\n)\nother = a()\n',
        settings="x = 1\n",
    )

    assert head_of(tmp_path) == "3"
    assert list(read_revisions(tmp_path)) == ["1", "2", "3"]


@pytest.mark.parametrize(
    "down_revision", ['("1", "2")', '(\n    "1",\n    "2",\n)', '[\n    "1", "2"\n]']
)
def test_a_merge_joins_branches(tmp_path: Path, down_revision: str) -> None:
    write(
        tmp_path,
        a='revision = "1"\ndown_revision = None\n',
        b='revision = "2"\ndown_revision = None\n',
        c=f'revision = "3"\ndown_revision = {down_revision}\n',
    )

    assert head_of(tmp_path) == "3"
    assert descendants(read_revisions(tmp_path), "2") == {"2", "3"}


def test_a_dependency_is_a_descendant(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='revision = "1"\ndown_revision = None\n',
        b='revision = "2"\ndown_revision = None\ndepends_on = "1"\n',
    )

    assert descendants(read_revisions(tmp_path), "1") == {"1", "2"}


def test_two_heads_are_refused_with_the_command_that_joins_them(tmp_path: Path) -> None:
    write(tmp_path, a='revision = "1"\n', b='revision = "2"\n')

    with pytest.raises(Refused, match="have two heads: `1` and `2`") as refused:
        next_revision(tmp_path, "3")
    assert 'alembic merge heads -m "' in refused.value.hint


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": "revision = (\n"}, r"`migrations/versions/a\.py` is not valid Python"),
        ({"a": "revision = make()\n"}, "`revision` is computed"),
        ({"a": 'revision, down_revision = "2", "1"\n'}, "`(down_)?revision` is computed"),
        ({"a": 'if x:\n    revision = "2"\n'}, "`revision` is computed"),
        ({"a": "from x import revision\n"}, "`revision` is computed"),
        ({"a": "def upgrade():\n    pass\n"}, "has an `upgrade`, but no `revision`"),
        ({"a": 'revision = "2"\ndown_revision = "1"\n'}, "follows the revision `1`, which is miss"),
        ({"a": 'revision = "1"\n', "b": 'revision = "1"\n'}, "are both the revision `1`"),
        (
            {
                "a": 'revision = "1"\ndown_revision = "2"\n',
                "b": 'revision = "2"\ndown_revision = "1"\n',
            },
            "follow each other",
        ),
    ],
)
def test_a_graph_that_is_not_one_is_refused(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    write(tmp_path, **files)

    with pytest.raises(Refused, match=message):
        read_revisions(tmp_path)


def test_an_identifier_is_used_once(tmp_path: Path) -> None:
    write(tmp_path, a='revision = "abcdef"\ndown_revision = None\n')

    assert next_revision(tmp_path, "012345") == Revision("012345", "abcdef")
    again = next_revision(tmp_path, "abcdef")
    assert again.down_revision == "abcdef" != again.id
    assert len(again.id) == 6


def test_a_chained_assignment_is_read(tmp_path: Path) -> None:
    write(tmp_path, a='revision = x = "1"\n')

    assert head_of(tmp_path) == "1"


def test_a_folder_in_the_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path, a='revision = "1"\n')
    (tmp_path / FOLDER / "sub").mkdir()
    (tmp_path / FOLDER / "sub" / "b.py").write_text('revision = "2"\ndown_revision = "1"\n')

    assert head_of(tmp_path) == "2"


SETTINGS = {
    "pyproject.toml": '[tool.alembic]\nversion_locations = ["migrations/versions", "{}"]\n',
    "alembic.ini": "[alembic]\nversion_locations = %(here)s/migrations/versions:{}\n",
}


@pytest.mark.parametrize("file", SETTINGS)
def test_another_folder_is_read(tmp_path: Path, file: str) -> None:
    write(tmp_path, a='revision = "1"\n')
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.py").write_text('revision = "2"\ndown_revision = "1"\n')
    (tmp_path / file).write_text(SETTINGS[file].format("more"))

    assert head_of(tmp_path) == "2"


@pytest.mark.parametrize("file", SETTINGS)
@pytest.mark.parametrize("folder", ["missing", "..", "%(other)s"])
def test_a_folder_that_cannot_be_followed_is_refused(
    tmp_path: Path, file: str, folder: str
) -> None:
    write(tmp_path, a='revision = "1"\n')
    (tmp_path / file).write_text(SETTINGS[file].format(folder))

    with pytest.raises(Refused, match=f"`{file}` sets `version_locations`"):
        read_revisions(tmp_path)


HOMES = {
    "pyproject.toml": '[tool.alembic]\nscript_location = "{}"\n',
    "alembic.ini": "[alembic]\nscript_location = {}\n",
}


@pytest.mark.parametrize("file", HOMES)
@pytest.mark.parametrize("folder", ["migrations", "./migrations/", "%(here)s/migrations"])
def test_the_folder_of_the_migrations_may_be_named(tmp_path: Path, file: str, folder: str) -> None:
    write(tmp_path, a='revision = "1"\n')
    (tmp_path / file).write_text(HOMES[file].format(folder))

    assert head_of(tmp_path) == "1"


@pytest.mark.parametrize("file", HOMES)
@pytest.mark.parametrize("folder", ["alembic", "%(here)s/app/migrations", "shop:migrations"])
def test_another_folder_of_the_migrations_is_refused(
    tmp_path: Path, file: str, folder: str
) -> None:
    write(tmp_path, a='revision = "1"\n')
    (tmp_path / file).write_text(HOMES[file].format(folder))

    with pytest.raises(Refused, match=f"`{file}` sets `script_location` to another folder"):
        read_revisions(tmp_path)
