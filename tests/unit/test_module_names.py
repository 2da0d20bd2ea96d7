"""One name has one meaning: no module is called like another one, or nearly so."""

from collections import Counter
from itertools import permutations

from tests.support import ROOT

SOURCES = ROOT / "src" / "fastgen"
ENDINGS = ("s", "es", "ing", "er", "ers", "ed", "al")


def names() -> list[str]:
    """The names of all modules and packages."""
    modules = [path.stem for path in SOURCES.rglob("*.py") if not path.stem.startswith("__")]
    packages = [path.parent.name for path in SOURCES.rglob("__init__.py")]
    return sorted(modules + packages)


def test_each_name_is_used_once() -> None:
    assert [name for name, count in Counter(names()).items() if count > 1] == []


def test_no_two_names_differ_by_an_ending() -> None:
    pairs = permutations(names(), 2)

    assert [
        (one, other)
        for one, other in pairs
        if any(other in (one + ending, one.removesuffix("e") + ending) for ending in ENDINGS)
    ] == []


def test_contributing_describes_each_package() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    packages = [path.parent.name for path in (ROOT / "src/fastgen").glob("*/__init__.py")]

    assert [name for name in packages if f"\n  {name}/ " not in text] == []
