"""One name has one meaning: no module is called like another one, or nearly so."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import permutations
from pathlib import Path

import pytest

from tests.support import ROOT

SOURCES = ROOT / "src" / "fastgen"
ENDINGS = ("s", "es", "ing", "er", "ers", "ed", "al")
GENERATED = re.compile(r"/(?P<folder>app|tests)/(?P<path>[^.]+)\.py(?:\.jinja)?$")
"""A module in the templates, by its path in a project."""
TERMS_OF_LIBRARIES = [("schema", "schemas")]
"""GraphQL has one schema; FastAPI's documentation calls Pydantic's models schemas."""


def names(folder: Path) -> list[str]:
    """The names of all modules and packages."""
    modules = [path.stem for path in folder.rglob("*.py") if not path.stem.startswith("__")]
    packages = [path.parent.name for path in folder.rglob("__init__.py")]
    return sorted(modules + packages)


def generated_names(folder: str) -> set[str]:
    """The modules of a project with everything, but for those that are named like a URL."""
    paths = [path.relative_to(ROOT).as_posix() for path in (ROOT / "templates").rglob("*.py*")]
    found = [match for path in paths if (match := GENERATED.search(path))]
    middleware = [path.name for path in (ROOT / "templates/middleware").iterdir() if path.is_dir()]
    modules = [match["path"] for match in found if match["folder"] == folder]
    return {Path(path).name for path in modules if not path.startswith("api/v1/")} | {
        name if folder == "app" else f"test_{name}" for name in middleware
    }


def similar_pairs(words: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of names that differ by an ending; `test_` does not count."""
    return [
        (one, other)
        for one, other in permutations(sorted({word.removeprefix("test_") for word in words}), 2)
        if any(other in (one + ending, one.removesuffix("e") + ending) for ending in ENDINGS)
    ]


def test_each_name_is_used_once() -> None:
    assert [name for name, count in Counter(names(SOURCES)).items() if count > 1] == []


@pytest.mark.parametrize("folder", ["src", "benchmarks", "release", "docs"])
def test_no_two_names_differ_by_an_ending(folder: str) -> None:
    assert similar_pairs(names(ROOT / folder)) == []


def test_no_two_tests_differ_by_an_ending() -> None:
    tests = [folder for folder in (ROOT / "tests").iterdir() if folder.name != "snapshots"]

    assert similar_pairs(name for folder in tests for name in names(folder)) == []


@pytest.mark.parametrize("folder", ["app", "tests"])
def test_no_two_generated_modules_differ_by_an_ending(folder: str) -> None:
    pairs = similar_pairs(generated_names(folder))

    assert [pair for pair in pairs if pair not in TERMS_OF_LIBRARIES] == []


def test_contributing_describes_each_package() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    packages = [path.parent.name for path in (ROOT / "src/fastgen").glob("*/__init__.py")]

    assert [name for name in packages if f"\n  {name}/ " not in text] == []
