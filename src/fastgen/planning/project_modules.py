"""The modules of a project and their names, as they are or as a plan leaves them."""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fastgen.changes import Change
from fastgen.codemods.bindings import bound_names
from fastgen.source_files import NOT_PARSED, read_file


class ProjectModules:
    """The modules of a project with some changes, and their names."""

    def __init__(self, root: Path, changes: Iterable[Change] = ()) -> None:
        self._root = root
        self._planned = {change.path: change for change in changes}
        self._new_folders = {
            folder.as_posix()
            for change in self._planned.values()
            if change.text is not None
            for folder in Path(change.path).parents
        }
        self.tree = cache(self._tree)
        self.has_module = cache(self._has_module)
        self._defined = cache(self._find_defined)
        self._names = cache(self._find_names)

    def has_name(self, module: str, name: str) -> bool:
        """Whether a module has a name, or may have it."""
        if name in self._defined(module):  # as nearly all: these are found quickly
            return True
        names = self._names(module)
        return names is None or name in names or self.has_module(f"{module}.{name}")

    def _has_module(self, module: str) -> bool:
        """Whether there is a module, a package, or a compiled module."""
        place = self._place(module)
        if self._is_folder(place) or self._has_file(f"{place}.py"):
            return True
        parent, _, name = place.rpartition("/")
        return any(
            each.suffix in (".pyi", ".pyd", ".so")
            for each in (self._root / parent).glob(f"{name}.*")
        )

    def _place(self, module: str) -> str:
        """The path of a module without its ending; people may have moved packages to `src/`."""
        path = module.replace(".", "/")
        start = f"{path.partition('/')[0]}/__init__.py"
        is_moved = not (self._root / start).exists() and (self._root / "src" / start).exists()
        return f"src/{path}" if is_moved else path

    def _is_folder(self, place: str) -> bool:
        return place in self._new_folders or (self._root / place).is_dir()

    def _has_file(self, path: str) -> bool:
        if path in self._planned:
            return self._planned[path].text is not None
        return (self._root / path).exists()

    def _path(self, module: str) -> str:
        place = self._place(module)
        return f"{place}/__init__.py" if self._is_folder(place) else f"{place}.py"

    def _find_defined(self, module: str) -> set[str]:
        """What definitions and assignments that start a line bind; found without parsing."""
        try:
            text = self._content(self._path(module)).decode("utf-8", "replace")
        except OSError:
            return set()
        return {name for names in _DEFINITION.findall(text) for name in names}

    def _find_names(self, module: str) -> set[str] | None:
        """The names of a module; None if they are not known before it runs."""
        path = self._path(module)
        if not self._has_file(path):
            return set() if path.endswith("/__init__.py") else None
        tree = self.tree(path)
        if tree is None or any(
            isinstance(node, ast.Name) and node.id in ("globals", "vars", "setattr", "exec")
            for node in ast.walk(tree)
        ):
            return None
        names = bound_names(tree)
        return None if names & {"*", "__getattr__"} else names | IN_EVERY_MODULE

    def _tree(self, path: str) -> ast.Module | None:
        """The syntax tree of a file; None if there is none, or if it is not Python."""
        try:
            return ast.parse(self._content(path))
        except (OSError, *NOT_PARSED):
            return None  # Python, or another check, reports it

    def _content(self, path: str) -> bytes:
        planned = self._planned.get(path)
        return planned.content if planned else read_file(self._root / path)


_DEFINITION = re.compile(r"^(?:(?:async )?def|class) (\w+)|^(\w+) *[:=]", re.MULTILINE)
IN_EVERY_MODULE = {"__doc__", "__file__", "__name__", "__package__", "__path__", "__spec__"}
