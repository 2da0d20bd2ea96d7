"""Which templates know patterns: a few hubs that loop over lists, and no other file."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta, nodes

from fastgen.project.choices import choose_one
from fastgen.project.patterns import all_choices, all_foundations, all_patterns, names
from fastgen.rendering.hubs import hub_values
from fastgen.rendering.project_renderer import layers
from fastgen.rendering.template_folder import template_files
from tests.matrix.combinations import ALL, Combination
from tests.support import TEMPLATES

CORE = TEMPLATES / "core"
LISTS = set(hub_values(()))
HUBS = {
    ".env.example",
    ".github/workflows/ci.yml",
    "AGENTS.md",
    "README.md",
    "app/api/deps.py",
    "app/api/router.py",
    "app/lifespan.py",
    "app/main.py",
    "app/settings.py",
    "compose.yaml",
    "justfile",
    "pyproject.toml",
    "tests/conftest.py",
}
"""The files of a project whose templates know its patterns."""
REPLACED = {
    "app/api/v1/ws.py": "patterns/websockets/with_auth",
    "app/files/deps.py": "patterns/streaming/with_auth",
    "app/files/rows.py": "patterns/streaming/with_database",
    "app/queue/deps.py": "patterns/queue/with_auth",
    "migrations/library_tables.py": "patterns/queue/engines/procrastinate/files",
    "migrations/versions/d41b7c05e96a_add_tasks.py": "patterns/queue/with_auth",
    "tests/queue/operator_fixtures.py": "patterns/queue/with_auth",
    "tests/realtime/test_ws.py": "patterns/websockets/with_auth",
}
"""Files with two forms: a later layer replaces them in projects that have both patterns."""


def parts(combination: Combination) -> tuple[str, ...]:
    """The patterns with the default of each choice."""
    queue = choose_one("queue", None, combination)
    return (*combination, *filter(None, [queue]))


def parsed(path: Path) -> nodes.Template:
    return jinja2.Environment(autoescape=True).parse(path.read_text("utf-8"))


def templates(folder: Path) -> Iterator[tuple[str, nodes.Template]]:
    for path in sorted(folder.rglob("*.jinja")):
        yield path.relative_to(folder).as_posix().removesuffix(".jinja"), parsed(path)


def names_a_pattern(template: nodes.Template) -> bool:
    """Whether a tag has the name of a pattern in it, as a text or as a variable."""
    texts = {str(const.value) for const in template.find_all(nodes.Const)}
    return bool({*names()} & (texts | meta.find_undeclared_variables(template)))


def test_at_most_thirteen_hubs() -> None:
    assert len(HUBS) <= 13


def test_only_hubs_know_patterns() -> None:
    knowing = {
        path
        for path, template in templates(CORE)
        if names_a_pattern(template) or LISTS & meta.find_undeclared_variables(template)
    }

    assert knowing == HUBS


@pytest.mark.parametrize("folder", ["in_memory", "foundations", "patterns"])
def test_the_files_of_patterns_are_plain(folder: str) -> None:
    """A pattern's own files are copied; only those that resources get are rendered."""
    rendered = [path for path, _ in templates(TEMPLATES / folder) if "/resource/" not in path]

    assert rendered == []


@pytest.mark.parametrize("folder", ["resource", "feedback", "middleware", "patterns"])
def test_no_resource_knows_patterns(folder: str) -> None:
    for path, template in templates(TEMPLATES / folder):
        assert not names_a_pattern(template), path
        assert "patterns" not in meta.find_undeclared_variables(template), path


def test_copied_files_have_no_tags() -> None:
    for path in template_files(CORE):
        if not path.endswith(".jinja"):
            assert b"{%" not in (CORE / path).read_bytes(), path


def test_hubs_read_as_the_file_they_make() -> None:
    """Blocks do not nest or fork, and no tag takes the blanks around it away."""
    for path, template in templates(CORE):
        source = (CORE / f"{path}.jinja").read_text("utf-8")
        assert not re.search(r"{%-|-%}|{{-|-}}|{%\+|{% el", source), path
        for block in template.find_all((nodes.If, nodes.For)):
            assert sum(1 for _ in block.find_all((nodes.If, nodes.For))) == 0, path


def test_a_file_has_one_owner() -> None:
    """But for those with two forms, no layer has a file of another one."""
    replaced: dict[str, str] = {}
    for combination in ALL:
        found: Counter[str] = Counter()
        for layer in layers(parts(combination)):
            files = {path.removesuffix(".jinja") for path in template_files(layer)}
            twice = files & found.keys()
            replaced |= {path: layer.relative_to(TEMPLATES).as_posix() for path in twice}
            found.update(files)

    assert replaced == REPLACED


def test_a_folder_is_a_pattern() -> None:
    """Everything of it is there: a description, files, files of meetings, and of resources."""
    assert {*names()} == {path.name for path in (TEMPLATES / "patterns").iterdir()}
    found = {
        "pattern": all_patterns(),
        "choice": [choice for pattern in all_patterns() for choice in all_choices(pattern)],
        "foundation": all_foundations(),
    }
    for kind, pattern in ((kind, each) for kind, all_of in found.items() for each in all_of):
        choices = pattern.choices
        others = {*names(), *(each.name for each in all_foundations())} - {pattern.name}
        for entry in pattern.folder.iterdir():
            known = {"files", "resource", "feedback", f"{kind}.toml", choices} - {""}
            met = {*entry.name.split("_")[1:]} if entry.name.startswith("with_") else set()
            assert entry.name in known or (met and met <= others), entry
        assert all(met <= others for met in pattern.meetings)
        assert {*pattern.needs} <= others
        assert {*pattern.foundations} <= {each.name for each in all_foundations()}
