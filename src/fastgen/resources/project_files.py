"""The files of a project, as a check for conflicts sees them: on the disk or in memory."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class ProjectFiles(Protocol):
    """The files of a project; paths are relative to its root."""

    def has(self, path: str) -> bool:
        """Whether there is anything at a path."""

    def entries(self, folder: str) -> Mapping[str, bool]:
        """The names in a folder, sorted, and whether each is a folder; none without the folder."""

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths of the files that match a pattern, whose `*` stands for no `/`."""

    def text(self, path: str) -> str:
        """The text of a file; bytes that are not UTF-8 are replaced."""


class FilesOnDisk:
    """The files below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def has(self, path: str) -> bool:
        """Whether there is anything at a path, such as a link that leads nowhere."""
        return os.path.lexists(self._root / path)

    def entries(self, folder: str) -> Mapping[str, bool]:
        """The names in a folder, and whether each is a folder."""
        place = self._root / folder
        names = sorted(os.listdir(place)) if place.is_dir() else []
        return {name: (place / name).is_dir() for name in names}

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths of the files that match a pattern."""
        found = (path for path in self._root.glob(pattern) if path.is_file())
        return [path.relative_to(self._root).as_posix() for path in found]

    def text(self, path: str) -> str:
        """The text of a file."""
        return (self._root / path).read_text("utf-8", "replace")


class FilesInMemory:
    """The files of a project that is not written."""

    def __init__(self, tree: Mapping[str, bytes]) -> None:
        self._tree = tree

    def has(self, path: str) -> bool:
        """Whether there is a file at a path."""
        return path in self._tree

    def entries(self, folder: str) -> Mapping[str, bool]:
        """The names in a folder, and whether each is a folder."""
        start = f"{folder}/"
        below = [path[len(start) :] for path in sorted(self._tree) if path.startswith(start)]
        return {path.partition("/")[0]: "/" in path for path in below}

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths of the files that match a pattern."""
        parts = map(re.escape, pattern.split("*"))
        return [*filter(re.compile("[^/]*".join(parts)).fullmatch, self._tree)]

    def text(self, path: str) -> str:
        """The text of a file."""
        return self._tree[path].decode("utf-8", "replace")
