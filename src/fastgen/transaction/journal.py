"""The steps of an edit, written down before the first one, so that anyone can finish or undo them.

In a folder beside the files, `new/0` is what the first of them is to be, `old/0` what it was.
"""

import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from fastgen.changes import Change
from fastgen.errors import NotAProject, Refused
from fastgen.transaction.project_paths import real_path
from fastgen.transaction.tree import remove_tree

JOURNAL = "journal.json"
_DIGEST = re.compile("[0-9a-f]{64}")
At = Literal["start", "end", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Step:
    """The change of one file: digests of its old and new content, or None."""

    number: int
    path: str
    before: str | None
    after: str | None

    def at(self, root: Path) -> At:
        """The progress of the step; `elsewhere` if another program has changed the file."""
        found = digest_of(root / self.path)
        if found == self.after:
            return "end"
        return "start" if found == self.before else "elsewhere"

    def go(self, root: Path, folder: Path) -> None:
        """Do the rest of the step. A file that is replaced exists at every moment.

        Raises:
            Refused: another program has changed the file.
        """
        target, at = root / self.path, self.at(root)
        if at == "elsewhere":
            raise Refused(f"`{self.path}` has changed in the meantime.", "Run the command again.")
        if at == "end":
            return
        if self.after is None:
            target.rename(self._old(folder))
            return
        if self.before is not None:
            _keep(target, self._old(folder))
        (folder / "new" / str(self.number)).replace(target)

    def undo(self, root: Path, folder: Path) -> None:
        """Undo the step; a file that another program has changed stays."""
        target, old = root / self.path, self._old(folder)
        if self.at(root) != "end":
            return
        if old.exists():
            old.replace(target)
        elif self.before is None:
            target.unlink(missing_ok=True)

    def _old(self, folder: Path) -> Path:
        return folder / "old" / str(self.number)


def _keep(path: Path, old: Path) -> None:
    """Let the file be reached from another place too, with all that is known of it."""
    old.unlink(missing_ok=True)
    try:
        old.hardlink_to(path)
    except OSError:  # not every file system can do that
        shutil.copy2(path, old)


def write_journal(root: Path, folder: Path, changes: Iterable[Change]) -> list[Step]:
    """Put all that an edit needs into `folder`."""
    (folder / "new").mkdir()
    (folder / "old").mkdir()
    steps = []
    for number, change in enumerate(changes):
        target = root / change.path
        before = digest_of(target)
        after = None
        if change.text is not None:
            content = change.content
            new = folder / "new" / str(number)
            new.write_bytes(content)
            if before is not None:
                new.chmod(target.stat().st_mode & 0o7777)
            after = _digest(content)
        steps.append(Step(number, change.path, before, after))
    (folder / JOURNAL).write_text(json.dumps([asdict(step) for step in steps]), "utf-8")
    return steps


def finish_edit(folder: Path, root: Path) -> None:
    """Finish the edit of a killed process, or undo it if a file was changed since.

    Raises:
        NotAProject: the journal is not one that a command has written.
        OSError: the disk is full, a folder cannot be written.
    """
    try:
        steps = _read_journal(folder, root)
    except (OSError, ValueError, TypeError, RecursionError, Refused) as error:
        raise NotAProject(
            f"`{folder}` has a damaged journal: {str(error).rstrip('.')}.",
            "Look in it for missing files of the project, then delete it.",
        ) from None
    if any(step.at(root) == "elsewhere" for step in steps):
        for step in reversed(steps):
            step.undo(root, folder)
    else:
        go(steps, root, folder)
    remove_edit(folder)


def remove_edit(folder: Path, *, ignore_errors: bool = False) -> None:
    """Remove the folder of an edit that has come to its end.

    Renamed first, it is not taken for an edit without a journal if this process is killed.
    """
    with suppress(OSError):
        folder = folder.rename(folder.with_name(folder.name.removesuffix("-edit")))
    remove_tree(folder, ignore_errors=ignore_errors)


def _read_journal(folder: Path, root: Path) -> list[Step]:
    """The steps of an edit, which only lead to files of the project."""
    for part in ("new", "old"):
        if not stat.S_ISDIR((folder / part).lstat().st_mode):
            raise ValueError(f"`{part}` is not a folder")
    journal = folder / JOURNAL
    if not stat.S_ISREG(journal.lstat().st_mode):
        raise ValueError("it is not a regular file")
    entries = json.loads(journal.read_text("utf-8"))
    if not isinstance(entries, list):
        raise TypeError("it is not a list")
    steps = [Step(**entry) for entry in entries]
    for number, step in enumerate(steps):
        if type(step.number) is not int or step.number != number:
            raise ValueError("its steps are not numbered")
        if not all(each is None or _DIGEST.fullmatch(each) for each in (step.before, step.after)):
            raise ValueError("it lacks a digest")
        if real_path(root, step.path) != step.path:
            raise ValueError(f"`{step.path}` is not the path of a file")
        new = folder / "new" / str(number)
        if step.at(root) == "start" and step.after is not None and digest_of(new) != step.after:
            raise ValueError(f"`new/{number}` has another content")
    return steps


def go(steps: Sequence[Step], root: Path, folder: Path) -> None:
    """Do all steps."""
    for step in steps:
        (root / step.path).parent.mkdir(parents=True, exist_ok=True)
        step.go(root, folder)
    for step in steps:
        if step.after is None:
            _clear_empty((root / step.path).parent, root)


def _clear_empty(folder: Path, root: Path) -> None:
    """Remove a folder that has lost its last file, and those above it."""
    with suppress(OSError):
        while folder != root and {*os.listdir(folder)} <= {"__pycache__"}:
            shutil.rmtree(folder / "__pycache__", ignore_errors=True)
            folder.rmdir()
            folder = folder.parent


def digest_of(path: Path) -> str | None:
    """Digest of the content of a file; None if there is no file."""
    try:
        return _digest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
