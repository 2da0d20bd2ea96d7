"""The edits of a command in a project: all of them, or none.

What is new is written beside the files first, then they change places. Nothing outside of the
project is written, wherever its links lead.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fastgen.changes import Change
from fastgen.interruption import ignore_signals, uninterrupted
from fastgen.transaction.journal import Step, go, remove_edit, write_journal
from fastgen.transaction.leftovers import check_leftovers, clear_leftovers
from fastgen.transaction.locks import make_locked, wait_for
from fastgen.transaction.project_paths import inside


@contextmanager
def editing(root: Path) -> Iterator[None]:
    """Keep other commands from the project, and clear up behind one that was killed.

    Raises:
        NotAProject: a command left something behind elsewhere, or with a damaged journal.
    """
    lock = wait_for(root)
    try:
        check_leftovers(root)
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
    steps: list[Step] = []
    folder = lock = None
    try:
        folder, lock = make_locked(root)
        steps = write_journal(root, folder, changes)
        with uninterrupted():
            folder = folder.rename(folder.with_name(f"{folder.name}-edit"))
            go(steps, root, folder)
    except BaseException:
        ignore_signals()
        if folder is not None:
            for step in reversed(steps):
                step.undo(root, folder)
            _remove_new_folders(root, changes, known=set(times))
            remove_edit(folder, ignore_errors=True)
        for known, before in times.items():
            with suppress(
                OSError
            ):  # a folder of another user; the first error is the one to report
                os.utime(known, ns=(before.st_atime_ns, before.st_mtime_ns))
        raise
    else:
        remove_edit(folder, ignore_errors=True)
    finally:
        if lock is not None:
            os.close(lock)


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
