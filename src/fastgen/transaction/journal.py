"""The steps of an edit, written down before the first one, so that anyone can finish or undo them.

In a folder beside the files, `new/0` is what the first of them is to be, `old/0` what it was.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from fastgen.changes import Change
from fastgen.errors import Refused
from fastgen.transaction.tree import remove_tree

JOURNAL = "journal.json"
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
    """Finish the edit of a killed process, or undo it if a file was changed since."""
    with suppress(OSError, ValueError, TypeError):
        steps = [Step(**entry) for entry in json.loads((folder / JOURNAL).read_text("utf-8"))]
        if any(step.at(root) == "elsewhere" for step in steps):
            for step in reversed(steps):
                step.undo(root, folder)
        else:
            go(steps, root, folder)
    remove_tree(folder)


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
