"""How large the projects of generators are; they have been generated before.

    .venv/bin/python -m benchmarks.peers fastgen=/tmp/shop other=/tmp/other

Files are all files but those of git and of environments. Lines are those of Python, as `wc -l`
counts: tests are below a folder `tests`; migrations count as neither.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

LEFT_OUT = frozenset({".git", ".venv", "node_modules", "__pycache__", "uv.lock"})
MIGRATIONS = frozenset({"migrations", "versions"})


def files_of(folder: Path) -> Iterator[Path]:
    """The files of a project, relative to it."""
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if path.is_file() and LEFT_OUT.isdisjoint(relative.parts):
            yield relative


def row(name: str, folder: Path) -> list[str]:
    """Name, files, lines of the application, lines of tests, and the median of a module."""
    files = list(files_of(folder))
    python = [path for path in files if path.suffix == ".py" and MIGRATIONS.isdisjoint(path.parts)]
    lines = {path: (folder / path).read_bytes().count(b"\n") for path in python}
    tests = sum(count for path, count in lines.items() if "tests" in path.parts)
    modules = [count for path, count in lines.items() if count and "tests" not in path.parts]
    application = sum(lines.values()) - tests
    return [name, f"{len(files):,}", f"{application:,}", f"{tests:,}", f"{median(modules):.0f}"]


def main() -> None:
    print("| project | files | application, lines | tests, lines | median of a module |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for argument in sys.argv[1:]:
        name, _, folder = argument.partition("=")
        print(f"| {' | '.join(row(name, Path(folder)))} |")


if __name__ == "__main__":
    main()
