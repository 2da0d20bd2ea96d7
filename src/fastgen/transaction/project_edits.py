"""The edits of a command in a project: all of them, or none.

What is new is written beside the files first, then they change places. Nothing outside of the
project is written, wherever its links lead.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fastgen.changes import Change
from fastgen.errors import Refused
from fastgen.interruption import ignore_signals, uninterrupted
from fastgen.transaction.journal import Step, go, write_journal
from fastgen.transaction.locks import make_locked, wait_for
from fastgen.transaction.staging import clear_leftovers
from fastgen.transaction.tree import remove_tree


@contextmanager
def editing(root: Path) -> Iterator[None]:
    """Keep other commands from the project, and clear up behind one that was killed."""
    lock = wait_for(root)
    try:
        clear_leftovers(root)
        yield
    finally:
        if lock is not None:
            os.close(lock)


def apply(root: Path, changes: Sequence[Change]) -> None:
    """Make the files of the project what they are to be.

    If that is not possible, everything is as it was before.

    Raises:
        Refused: a path leads out of the project, or a file changes at the same time.
        OSError: the disk is full, a folder cannot be written.
    """
    changes = inside(root, changes)
    times = {folder: folder.stat() for folder in _folders(root, changes)}
    folder = root / f".fastgen-{secrets.token_hex(8)}"
    steps: list[Step] = []
    lock = None
    try:
        lock = make_locked(folder)
        steps = write_journal(root, folder, changes)
        with uninterrupted():
            folder = folder.rename(folder.with_name(f"{folder.name}-edit"))
            go(steps, root, folder)
    except BaseException:
        ignore_signals()
        for step in reversed(steps):
            step.undo(root, folder)
        _remove_new_folders(root, changes, known=set(times))
        remove_tree(folder, ignore_errors=True)
        for known, before in times.items():
            with suppress(
                OSError
            ):  # a folder of another user; the first error is the one to report
                os.utime(known, ns=(before.st_atime_ns, before.st_mtime_ns))
        raise
    else:
        remove_tree(folder, ignore_errors=True)
    finally:
        if lock is not None:
            os.close(lock)


def inside(root: Path, changes: Sequence[Change]) -> list[Change]:
    """The changes, with the links in their paths followed.

    Raises:
        Refused: a link leads out of the project.
    """
    return [Change(_inside(root, change.path), change.text) for change in changes]


def _inside(root: Path, path: str) -> str:
    real = (root / path).resolve()
    try:
        return real.relative_to(root.resolve()).as_posix()
    except ValueError:
        raise Refused(
            f"`{path}` leads out of the project, to `{real}`.", "Take the link away first."
        ) from None


def _folders(root: Path, changes: Sequence[Change]) -> set[Path]:
    """The folders that are there, and may get or lose an entry."""
    found = {root}
    for change in changes:
        folder = (root / change.path).parent
        while not folder.exists():
            folder = folder.parent
        found |= {folder, *(above for above in folder.parents if above.is_relative_to(root))}
    return found


def _remove_new_folders(root: Path, changes: Sequence[Change], known: set[Path]) -> None:
    for change in changes:
        folder = (root / change.path).parent
        while folder not in known and folder != root:
            if folder.exists():
                folder.rmdir()
            folder = folder.parent
