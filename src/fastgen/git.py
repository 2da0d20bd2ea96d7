"""Asks git whether it may have a file. An answer that is not known is the careful one."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from fastgen.programs import ask, run

OTHER_SYSTEMS = (".hg", ".jj", ".sl", ".svn")
"""Folders of version control systems that are not asked."""


def init_repository(folder: Path) -> None:
    """Make the folder a git repository, unless git is missing or the folder is in one already."""
    git = shutil.which("git")
    if git is None or not ask([git, "rev-parse", "--is-inside-work-tree"], folder).returncode:
        return
    has_default = not ask([git, "config", "--get", "init.defaultBranch"], folder).returncode
    branch = [] if has_default else ["--initial-branch=main"]
    run([git, "init", "--quiet", *branch], folder, hint="Use `--no-git`.")


def may_be_committed(file: Path) -> bool:
    """Whether a commit has, or had, the file, or the next one will have it: it is staged.

    A file of the same name or content elsewhere in the repository counts: it may have been moved.
    False only if there is no repository around the file, or if git says so. If git is missing,
    or does not answer ("dubious ownership", a damaged repository), the file counts as committed.
    """
    file = file.parent.resolve() / file.name
    if os.environ.get("GIT_DIR"):
        return True  # a repository that is somewhere else
    for folder in file.parents:
        if any(_is_there(folder / name) for name in OTHER_SYSTEMS):
            return True
        if _is_there(folder / ".git") and _may_have(folder, file):
            return True
    return False


def _may_have(repository: Path, file: Path) -> bool:
    git = shutil.which("git")
    if git is None:
        return True

    def answer(*question: str) -> subprocess.CompletedProcess[str]:
        # A damaged repository is not to be answered for by one above it.
        ceiling = {"GIT_CEILING_DIRECTORIES": str(repository.parent), "GIT_NO_LAZY_FETCH": "1"}
        return ask([git, *question], repository, ceiling)

    top = answer("rev-parse", "--show-toplevel")
    if top.returncode or top.stderr or Path(top.stdout.removesuffix("\n")).resolve() != repository:
        return True  # such as another `core.worktree`
    name = re.sub(r"([\\*?\[\]])", r"\\\1", file.name)
    for question in (
        ["ls-files", "--", f":(top,glob)**/{name}"],
        # Any commit of any branch, tag, stash or reflog.
        [
            *("rev-list", "--all", "--reflog", "--full-history", "--max-count=1"),
            *("--", f":(top,glob)**/{name}"),
        ],
    ):
        found = answer(*question)
        # A warning, as of a damaged reference, means that the answer may be wrong.
        if found.returncode or found.stdout or found.stderr:
            return True
    blob = answer("hash-object", "--", file.relative_to(repository).as_posix())
    if blob.returncode or blob.stderr:
        return True
    has_blob = answer("cat-file", "-e", blob.stdout.strip())
    return has_blob.returncode != 1 or bool(has_blob.stderr)


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # not known
    return True
