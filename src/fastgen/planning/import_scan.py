"""Finds the Python files of a project that import certain modules."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from fastgen.changes import ReportedLine
from fastgen.codemods.bindings import absolute, walk_statements
from fastgen.source_files import NOT_PARSED

FOLDERS = ("app", "tests", "migrations")


def importing(root: Path, removed: Collection[str], skipped: Collection[str]) -> list[ReportedLine]:
    """The imports of what is removed, in files other than those in `skipped`."""
    return [
        found
        for path in files_with_imports(root)
        if (relative := path.relative_to(root).as_posix()) not in skipped
        for found in imports_of(path.read_bytes(), relative, removed)
    ]


def imports_of(content: bytes, path: str, removed: Collection[str]) -> Iterator[ReportedLine]:
    """The imports in a file of modules, of parts of them, or of names in modules."""
    # Most files do not have the names, and need not be parsed.
    parts = {tuple(each.encode() for each in name.split(".")[-2:]) for name in removed}
    if not any(all(part in content for part in each) for each in parts):
        return
    seen: set[str] = set()
    for line, *names in _imports(content, path):
        name = next((each for each in names if each in removed), None)
        if name is not None and name not in seen:
            seen.add(name)
            yield ReportedLine(path, line, name)


def modules_of(content: bytes, path: str) -> set[str]:
    """The modules that a file imports; an imported name counts as a module too."""
    return {name for _, *names in _imports(content, path) for name in names}


def module_of(path: str) -> str:
    """`app/models/order.py` is `app.models.order`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def files_with_imports(root: Path) -> Iterator[Path]:
    """The Python files of a project."""
    yield from filter(Path.is_file, sorted(root.glob("*.py")))
    for folder in FOLDERS:
        yield from filter(Path.is_file, sorted((root / folder).rglob("*.py")))


def _imports(content: bytes, path: str) -> Iterator[tuple[int, *tuple[str, ...]]]:
    """The line of each import, and what it imports: package, module, and name."""
    try:
        tree = ast.parse(content)
    except NOT_PARSED:
        return
    package = ".".join(path.split("/")[:-1])
    for node in walk_statements(tree):
        if isinstance(node, ast.ImportFrom):
            module = absolute(node, package)
            for alias in node.names:
                yield alias.lineno, module.partition(".")[0], module, f"{module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.lineno, alias.name.partition(".")[0], alias.name
