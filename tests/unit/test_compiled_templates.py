"""The compiled code of templates, which is kept beside them."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jinja2
import pytest

from fastgen.rendering import compiled_templates
from fastgen.rendering.template_renderer import render_template


@pytest.fixture(autouse=True)
def writing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield
    start_anew()


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "model.py.jinja"
    path.write_text("name = {{ name }}\n")
    return path


def start_anew() -> None:
    """Forget what this process has compiled, as a new process would not know it."""
    assert compiled_templates._environment.cache is not None
    compiled_templates._environment.cache.clear()


def render_anew(template: Path) -> str:
    start_anew()
    return render_template(template, {"name": 1})


def kept(template: Path) -> Path:
    """The only file beside the template."""
    (file,) = (template.parent / "__pycache__").iterdir()
    return file


def test_the_next_process_does_not_compile(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = render_anew(template)
    monkeypatch.setattr(jinja2.Environment, "compile", None)

    assert render_anew(template) == expected == "name = 1\n"


def test_an_edited_template_is_compiled_again(template: Path) -> None:
    render_anew(template)

    template.write_text("id = {{ name }}\n")

    assert render_anew(template) == render_anew(template) == "id = 1\n"


def test_code_of_other_options_is_not_used(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an update of fastgen, whose template is the same file."""
    render_anew(template)
    before = kept(template).read_bytes()

    monkeypatch.setitem(compiled_templates._OPTIONS, "trim_blocks", False)
    render_anew(template)

    assert kept(template).read_bytes() != before


@pytest.mark.parametrize("place", [0, 5, 31, 32, 33, 60, 90, -1])
@pytest.mark.parametrize("is_cut", [True, False], ids=["cut", "changed"])
def test_a_damaged_file_is_written_again(template: Path, place: int, is_cut: bool) -> None:
    expected = render_anew(template)
    file = kept(template)
    content = bytearray(file.read_bytes())
    content[place] ^= 0xFF
    damaged = content[:place] if is_cut else content
    file.write_bytes(damaged)

    assert render_anew(template) == expected
    assert file.read_bytes() != damaged


def test_a_folder_that_cannot_be_written(template: Path) -> None:
    (template.parent / "__pycache__").write_text("a file")

    assert render_anew(template) == "name = 1\n"


def test_a_full_disk_leaves_nothing(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_from: Path, _to: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)

    assert render_anew(template) == "name = 1\n"
    assert [*(template.parent / "__pycache__").iterdir()] == []


def test_nothing_is_written_where_python_writes_no_bytecode(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    render_anew(template)

    assert [*template.parent.iterdir()] == [template]


def test_threads_share_the_file(template: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        texts = {*pool.map(render_anew, [template] * 64)}

    assert texts == {"name = 1\n"}
    assert kept(template).is_file()
