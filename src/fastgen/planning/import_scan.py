"""Finds the Python files of a project that import certain modules."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from fastgen.codemods.bindings import absolute

FOLDERS = ("app", "tests", "migrations")


def importing(root: Path, modules: Collection[str], deleted: Collection[str]) -> Iterator[str]:
    """The files, other than those in `deleted`, that import one of `modules` or a part of it."""
    for path in _files(root):
        relative = path.relative_to(root).as_posix()
        if relative not in deleted and imports_one(path.read_bytes(), relative, modules):
            yield relative


def imports_one(content: bytes, path: str, modules: Collection[str]) -> bool:
    """Whether a file imports one of `modules` or a part of it."""
    # Most files do not have the names, and need not be parsed.
    names = {module.rpartition(".")[2].encode() for module in modules}
    return any(name in content for name in names) and not modules_of(content, path).isdisjoint(
        modules
    )


def modules_of(content: bytes, path: str) -> set[str]:
    """The modules that a file imports; an imported name counts as a module too."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return set()
    package = ".".join(path.split("/")[:-1])
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = absolute(node, package)
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found | {name.partition(".")[0] for name in found}


def module_of(path: str) -> str:
    """`app/models/order.py` is `app.models.order`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _files(root: Path) -> Iterator[Path]:
    yield from filter(Path.is_file, sorted(root.glob("*.py")))
    for folder in FOLDERS:
        yield from filter(Path.is_file, sorted((root / folder).rglob("*.py")))
