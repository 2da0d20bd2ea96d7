"""Files that are missing, and files with conflicts that nobody has resolved."""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from fastgen.planning.project_tree import revision_files
from fastgen.planning.working_tree import files_of_people, renamed_files
from fastgen.programs import ask
from fastgen.report import Finding

_CI = ".github"
_START = re.compile(rb"^<{7}(?: |\r?$)", re.MULTILINE)
_END = re.compile(rb"^>{7}(?: |\r?$)", re.MULTILINE)


def missing_files(root: Path, tree: Mapping[str, bytes], name: str) -> Iterator[Finding]:
    """The files that fastgen has written, and that are gone; renamed ones and revisions are not.

    Args:
        root: the project.
        tree: its files, as its state describes them.
        name: of the project.
    """
    revisions = revision_files(tree)
    written = {path: content for path, content in tree.items() if path not in revisions}
    renamed = renamed_files(root, written, {})
    for path in written:
        if path not in renamed and not (root / path).exists():
            yield Finding("missing-file", f"`{path}` is missing.", _restore(root, path, name))


def conflict_markers(root: Path) -> Iterator[Finding]:
    """The files with both markers of a conflict; those of the state are checked as such."""
    paths = [*files_of_people(root), *(f"{_CI}/{path}" for path in files_of_people(root / _CI))]
    for path in paths:
        if path.startswith(".fastgen"):
            continue
        content = (root / path).read_bytes()
        if (found := _START.search(content)) and _END.search(content, found.end()):
            line = content.count(b"\n", 0, found.start()) + 1
            yield Finding(
                "conflict",
                f"`{path}` has an unresolved conflict in line {line}.",
                f"Edit the lines between the markers, then run `git add {path}`.",
            )


def _restore(root: Path, path: str, name: str) -> str:
    git = shutil.which("git")
    if git and ask([git, "cat-file", "-e", f"HEAD:./{path}"], root).returncode == 0:
        return f"Restore it with `git checkout HEAD -- {path}`."
    make = "mkdir ../again && fastgen new --from . --no-git --dir ../again"
    return f"Make the project again with `{make}`, and copy `../again/{name}/{path}`."
