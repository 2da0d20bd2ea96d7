"""Adds the version of a checkout to its archive of released versions.

`python -m release.cut_archive` does it alone, `python -m release` before it builds. It is the last
change before a release: from then on, the templates of this version may not change any more.
"""

import ast
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from fastgen.archive import ArchivedVersion, Example, pack, read_archive, render_archived
from fastgen.archive.archived_program import PACKAGE, PROGRAM, TEMPLATES
from fastgen.rendering.template_folder import template_files
from release.examples import examples

CHECKOUT = Path(__file__).resolve().parents[1]
ARCHIVE = "src/fastgen/archive/versions.xz"
RELEASED = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


def main() -> None:
    """Write the archive of this checkout."""
    number = add_version(CHECKOUT)
    path = CHECKOUT / ARCHIVE
    sys.stdout.write(f"{path} has {number}: {path.stat().st_size} bytes.\n")


def add_version(checkout: Path) -> str:
    """Add the version of a checkout to its archive; its number.

    Raises:
        SystemExit: the version is no release, or it was archived with other files.
    """
    number, version = cut(checkout)
    if not RELEASED.fullmatch(number):
        raise SystemExit(f"{number} is not the number of a release.")
    path = checkout / ARCHIVE
    before = read_archive(path)
    if number in before and before[number] != version:
        raise SystemExit(
            f"{number} is archived with other files: raise the number first, or, if it is not "
            "published yet, restore the archive of the release before it."
        )
    path.write_bytes(pack({**before, number: version}))
    return number


def cut(checkout: Path) -> tuple[str, ArchivedVersion]:
    """The number of the version of a checkout, and what the archive has of it.

    The hashes are those of its own render, by the files that are archived.
    """
    number, version = archived(checkout)
    found = [
        Example(state, tree_hash(render_archived(number, version, state)))
        for state in examples(number)
    ]
    return number, replace(version, examples=found)


def archived(checkout: Path) -> tuple[str, ArchivedVersion]:
    """The number of the version of a checkout, and the files that render."""
    files = {path: (checkout / "src" / path).read_bytes() for path in modules(checkout / "src")}
    files |= {
        f"{TEMPLATES}{path}": (checkout / "templates" / path).read_bytes()
        for path in template_files(checkout / "templates")
    }
    package = ast.parse(files[f"{PACKAGE}/__init__.py"])
    return str(next(_constants(package, "__version__"))), ArchivedVersion(files)


def tree_hash(tree: Mapping[str, bytes]) -> str:
    """One hash of all paths and contents."""
    lines = [f"{hashlib.sha256(tree[path]).hexdigest()} {path}\n" for path in sorted(tree)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def modules(source: Path) -> list[str]:
    """The files of the program that renders, with all modules that it may import."""
    waiting, found = [PROGRAM], dict[str, Path]()
    while waiting:
        name = waiting.pop()
        path = _file(source, name)
        if name in found or path is None:
            continue
        found[name] = path
        waiting += _imported(ast.parse(path.read_bytes()), name.rpartition(".")[0])
        waiting.append(name.rpartition(".")[0])
    return sorted(path.relative_to(source).as_posix() for path in found.values())


def _file(source: Path, name: str) -> Path | None:
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    for path in (
        source.joinpath(*parts, "__init__.py"),
        source.joinpath(*parts).with_suffix(".py"),
    ):
        if path.is_file():
            return path
    return None


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """The names that may be modules of the package."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=module, names=names):
                base = ".".join(filter(None, [package if node.level else "", module or ""]))
                yield base
                yield from (f"{base}.{each.name}" for each in names)


def _constants(tree: ast.Module, name: str) -> Iterator[object]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=value)):
                if target == name:
                    yield value


if __name__ == "__main__":
    main()
