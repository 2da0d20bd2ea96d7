"""Files that are missing, and files with conflicts that nobody has resolved."""

import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from fastgen.errors import Refused
from fastgen.git_index import check_checked_out
from fastgen.merge import line_of_conflict
from fastgen.planning import working_tree
from fastgen.planning.project_tree import revision_files
from fastgen.programs import ask
from fastgen.report import Finding

_CI = ".github"


def missing_files(root: Path, tree: Mapping[str, bytes], name: str) -> Iterator[Finding]:
    """The files that fastgen has written, and that are gone; renamed ones and revisions are not.

    Args:
        root: the project.
        tree: its files, as its state describes them.
        name: of the project.
    """
    revisions = revision_files(tree)
    written = {path: content for path, content in tree.items() if path not in revisions}
    missing = working_tree.missing_files(root, written, {})
    if left_out := [*files_left_out(root, missing)]:
        yield from left_out
        return
    renamed = working_tree.renamed_files(root, missing, written)
    for path in missing:
        if path not in renamed and not _went_with_its_package(root, path, renamed):
            yield Finding("missing-file", summary_of(path), _restore(root, path, name))
    for path in written:
        if path not in missing and not (root / path).is_file():
            yield Finding("missing-file", f"`{path}` is not a file.", _restore(root, path, name))


def _went_with_its_package(root: Path, path: str, renamed: Collection[str]) -> bool:
    """Whether it is the `__init__.py` of a renamed package, too short to be found by its lines."""
    folder, _, file = path.rpartition("/")
    is_gone = file == "__init__.py" and not (root / folder).exists()
    return is_gone and any(each.startswith(f"{folder}/") for each in renamed)


def summary_of(path: str) -> str:
    """The sentence about a file that is missing."""
    return f"`{path}` is missing."


def files_left_out(root: Path, paths: Collection[str]) -> Iterator[Finding]:
    """The first file at these paths, or below them, that a sparse checkout leaves out."""
    try:
        check_checked_out(root, paths)
    except Refused as error:
        yield Finding("sparse-checkout", error.message, error.hint)


def conflict_markers(root: Path) -> Iterator[Finding]:
    """The files with both markers of a conflict; those of the state are checked as such."""
    files = working_tree.files_of_people
    paths = [*files(root), *(f"{_CI}/{path}" for path in files(root / _CI))]
    for path in paths:
        if path.startswith(".fastgen"):
            continue
        if line := line_of_conflict((root / path).read_bytes()):
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
