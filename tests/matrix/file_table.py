"""The table of which file is there with which patterns: `tests/snapshots/files.txt`.

Each line has a path and a condition: `always`, or the patterns and foundations of the projects that
have the file, such as `auth queue`; `-database` is for projects without that pattern.
"""

from collections.abc import Iterable, Mapping

from fastgen.project.patterns import foundations_of, names
from tests.matrix.combinations import Combination
from tests.support import ROOT

TABLE = ROOT / "tests" / "snapshots" / "files.txt"


def read_table() -> dict[str, frozenset[str]]:
    """The condition of each path."""
    lines = TABLE.read_text("utf-8").splitlines()
    rows = (line.partition("  ") for line in lines)
    return {path: frozenset(condition.split()) - {"always"} for path, _, condition in rows}


def write_table(trees: Mapping[Combination, Iterable[str]]) -> None:
    """Derive the condition of each path from the projects that have it, and record it."""
    having: dict[str, list[Combination]] = {}
    for combination, paths in trees.items():
        for path in paths:
            having.setdefault(path, []).append(combination)
    width = max(map(len, having))
    lines = [f"{path:<{width}}  {_condition(having[path], trees)}\n" for path in sorted(having)]
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("".join(lines), "utf-8")


def traits(combination: Combination) -> frozenset[str]:
    """The words of conditions that hold in a project."""
    absent = {f"-{name}" for name in names() if name not in combination}
    return frozenset({*combination, *foundations_of(combination), *absent})


def _condition(having: list[Combination], trees: Iterable[Combination]) -> str:
    """The fewest words that hold in the projects that have a file, and in no other."""
    common = frozenset.intersection(*map(traits, having))
    for word in sorted(common, key=lambda word: (not word.startswith("-"), word)):
        shorter = common - {word}
        if [each for each in trees if shorter <= traits(each)] == having:
            common = shorter
    if [each for each in trees if common <= traits(each)] != having:
        raise AssertionError(f"no condition describes {having}")
    order = [*names(), *sorted(common)]
    return " ".join(sorted(common, key=order.index)) or "always"
