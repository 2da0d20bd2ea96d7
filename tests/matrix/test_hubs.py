"""Which templates know of patterns: a few hubs, that loop over lists, and no other file."""

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
import yaml
from jinja2 import meta, nodes

from fastgen.project.patterns import names
from fastgen.project.request import Answers
from tests.support import TEMPLATES, copier_settings

TEXTS = set(Answers.__dataclass_fields__) - {"patterns"}
SKELETON = TEMPLATES / "project" / "skeleton"
LISTS = {name for name in copier_settings() if not name.startswith("_")} - TEXTS
HUBS = {
    ".env.example",
    "AGENTS.md",
    "README.md",
    "app/api/dependencies/__init__.py",
    "app/api/router.py",
    "app/core/config.py",
    "app/core/lifespan.py",
    "app/core/storage.py",
    "app/main.py",
    "justfile",
    "pyproject.toml",
    "tests/conftest.py",
}
"""The files of a project that may differ by pattern; STORAGE and the like are chosen in one."""


def parsed(path: Path) -> nodes.Template:
    return jinja2.Environment(autoescape=True).parse(path.read_text("utf-8"))


def templates(folder: Path) -> Iterator[tuple[str, nodes.Template]]:
    for path in sorted(folder.rglob("*.jinja")):
        yield path.relative_to(folder).as_posix().removesuffix(".jinja"), parsed(path)


def names_a_pattern(template: nodes.Template) -> bool:
    """Whether a tag has the name of a pattern in it, as a text or as a variable."""
    texts = {str(const.value) for const in template.find_all(nodes.Const)}
    return bool({*names()} & (texts | meta.find_undeclared_variables(template)))


def test_at_most_twelve_hubs() -> None:
    assert len(HUBS) <= 12


def test_only_hubs_know_patterns() -> None:
    knowing = {
        path
        for path, template in templates(SKELETON)
        if names_a_pattern(template) or LISTS & meta.find_undeclared_variables(template)
    }

    assert knowing <= HUBS


@pytest.mark.parametrize("folder", ["slice", "feedback", "middleware"])
def test_no_slice_knows_patterns(folder: str) -> None:
    for path, template in templates(TEMPLATES / folder):
        assert not names_a_pattern(template), path
        assert "patterns" not in meta.find_undeclared_variables(template), path


def test_what_is_not_a_template_has_no_tags() -> None:
    for path in SKELETON.rglob("*"):
        if path.is_file() and path.suffix != ".jinja":
            assert b"{%" not in path.read_bytes(), path


def test_hubs_read_as_the_file_they_make() -> None:
    """Blocks do not nest or fork, and no tag takes the blanks around it away."""
    for path, template in templates(SKELETON):
        source = (SKELETON / f"{path}.jinja").read_text("utf-8")
        assert not re.search(r"{%-|-%}|{{-|-}}|{%\+|{% el", source), path
        for block in template.find_all((nodes.If, nodes.For)):
            assert sum(1 for _ in block.find_all((nodes.If, nodes.For))) == 0, path


def test_one_file_defines_a_pattern() -> None:
    """What is there only with it, in one block, and what it brings."""
    needed_by = yaml.safe_load(copier_settings()["needed_by"]["default"])
    files = {path.stem: path for path in (TEMPLATES / "project" / "patterns").iterdir()}

    assert files.keys() == {*names(), *needed_by}
    for name, path in files.items():
        definition = yaml.safe_load(path.read_text("utf-8"))
        assert definition.keys() == {"_exclude", f"{name}_brings"}
        (block,) = definition["_exclude"]
        kind = "patterns" if name in names() else "foundations"
        assert block.startswith(f"{{% if '{name}' not in {kind} %}}\n")
        assert block.count("{%") == 2
