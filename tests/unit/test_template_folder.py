"""Templates in memory: an archived version finds what it would find on the disk."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastgen.rendering import template_folder
from fastgen.rendering.template_folder import (
    entries,
    is_template,
    read_template,
    read_text,
    template_files,
    use_templates,
)

FILES = {
    "core/app/main.py": b"main\n",
    "core/app/main.py.jinja": "a\u00e9\n".encode(),
    "core/icon.ico": b"\0\xff\r\n",
    "patterns/auth/files/.env": b"",
    "patterns/auth/pattern.toml": b"order = 1\n",
    "patterns/auth/with_cache/a": b"",
    "patterns/authority": b"",
}
FOLDERS = ("core", "core/app", "patterns", "patterns/auth", "patterns/auth/files")


@pytest.fixture(params=["on the disk", "in memory"])
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    monkeypatch.setattr(template_folder, "_places", [tmp_path])
    monkeypatch.setattr(template_folder, "_in_memory", {})
    template_folder.templates.cache_clear()
    if request.param == "in memory":
        (tmp_path / "core").mkdir()
        (tmp_path / "core" / "of_another_version.py").write_text("")
        use_templates(tmp_path, FILES)
    else:
        for path, content in FILES.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
    assert template_folder.templates() == tmp_path
    yield tmp_path
    template_folder.templates.cache_clear()


def test_contents(folder: Path) -> None:
    assert {path: read_template(folder / path) for path in FILES} == FILES
    assert read_text(folder / "core/app/main.py.jinja") == "a\u00e9\n"


def test_what_is_there(folder: Path) -> None:
    asked = (*FILES, *FOLDERS, "core/other", "core/of_another_version.py", "")

    assert [path for path in asked if is_template(folder / path)] == [*FILES]


@pytest.mark.parametrize("path", FOLDERS)
def test_a_folder(folder: Path, path: str) -> None:
    below = {each.removeprefix(f"{path}/") for each in FILES if each.startswith(f"{path}/")}

    assert {*template_files(folder / path)} == below
    names = sorted({each.partition("/")[0] for each in below})
    assert entries(folder / path) == [folder / path / name for name in names]


def test_texts_have_the_line_ends_of_unix(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\r\n2\n")

    assert read_text(tmp_path / "a") == "1\n2\n"


def test_what_tools_have_left_is_no_template(tmp_path: Path) -> None:
    for name in ("a.py", "a.pyc", "__pycache__/a", ".mypy_cache/a", ".DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")

    assert [*template_files(tmp_path)] == ["a.py"]
    assert len(os.listdir(tmp_path)) == 5
