"""A project appears whole, or not at all.

It is made in a staging folder on the same disk, and moved to its place at the end. What a killed
process left behind is cleared by the next command; a lock on the folder tells whether its process
is alive.
"""

import errno
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from fastgen.errors import Refused
from fastgen.interruption import ignore_signals, uninterrupted
from fastgen.transaction.journal import finish_edit
from fastgen.transaction.locks import HAS_LOCKS, lock_now, make_locked
from fastgen.transaction.tree import remove_tree

_STAGING = re.compile(r"\.fastgen-[0-9a-f]{16}(?:(?P<complete>-complete)|(?P<edit>-edit))?")


def check_target(target: Path) -> None:
    """Make sure that a project can go to `target`: nothing is there, or an empty folder.

    Raises:
        Refused: something is there.
    """
    if target.is_symlink():
        raise Refused(f"`{target}` is a link.", "Name the folder that it points to.")
    if target.exists() and not target.is_dir():
        raise Refused(f"`{target}` is there already, and not a folder.", "Choose another name.")
    if target.is_dir() and any(not _STAGING.fullmatch(name) for name in os.listdir(target)):
        raise Refused(f"`{target}` is not empty.", "Choose another name, or another `--dir`.")


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """A folder to make a project in; at the end of the block it becomes `target`.

    If the block raises, everything is as it was before.

    Raises:
        Refused: something is at `target`.
        OSError: the disk is full, a folder cannot be written.
    """
    into_folder = target.is_dir()
    parent = target if into_folder else target.parent
    clear_leftovers(parent)
    check_target(target)
    times = parent.stat()
    folder = parent / f".fastgen-{secrets.token_hex(8)}"
    lock = None
    try:
        lock = make_locked(folder)
        yield folder
        with uninterrupted():
            if into_folder:
                _move_into(target, folder)
            else:
                _become(target, folder)
    except BaseException:
        ignore_signals()
        remove_tree(folder, ignore_errors=True)
        with suppress(OSError):  # a folder of another user; the first error is the one to report
            os.utime(parent, ns=(times.st_atime_ns, times.st_mtime_ns))
        raise
    finally:
        if lock is not None:
            os.close(lock)


def write(root: Path, files: Mapping[str, bytes]) -> None:
    """Write the files, and the folders that they need, below `root`."""
    for folder in sorted({(root / path).parent for path in files}):
        folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (root / path).write_bytes(content)


def set_executable(root: Path, files: Mapping[str, bool]) -> None:
    """Set or clear the executable bits of files below `root`."""
    for path, executable in files.items():
        mode = (root / path).stat().st_mode & 0o777
        (root / path).chmod(mode | (mode & 0o444) >> 2 if executable else mode & ~0o111)


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def clear_leftovers(parent: Path) -> None:
    """Finish, or remove, what commands that were killed have left in `parent`."""
    for name in sorted(os.listdir(parent)):
        match = _STAGING.fullmatch(name)
        if match is None or (lock := lock_now(parent / name)) is None:
            continue
        try:
            if match["complete"]:
                _finish(parent / name, parent)
            elif match["edit"]:
                finish_edit(parent / name, parent)
            else:
                remove_tree(parent / name)
        finally:
            os.close(lock)


def interrupted_edits(root: Path) -> list[str]:
    """The folders of edits whose process was killed before their end. Nothing is changed."""
    found = []
    for name in sorted(os.listdir(root)):
        match = _STAGING.fullmatch(name)
        if match and match["edit"] and (lock := lock_now(root / name)) is not None:
            os.close(lock)
            found.append(name)
    return found


def _become(target: Path, folder: Path) -> None:
    """Rename the folder to a path that does not exist yet."""
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR):
            raise Refused(
                f"`{target}` has appeared in the meantime.", "Choose another name."
            ) from None
        raise


def _move_into(target: Path, folder: Path) -> None:
    """Move the contents into a folder that was there before, which stays the same folder.

    Renamed to `-complete`, the staging folder can be moved by anyone: if this process is killed on
    the way, the next command finishes.
    """
    lock = lock_now(target)
    if lock is None and HAS_LOCKS:
        raise Refused(f"Another command is writing to `{target}`.", "Wait for it.")
    complete = folder.with_name(f"{folder.name}-complete")
    moved = []
    try:
        check_target(target)
        folder.rename(complete)
        for name in sorted(os.listdir(complete)):
            (complete / name).rename(target / name)
            moved.append(name)
        complete.rmdir()
    except OSError:
        for name in moved:
            (target / name).rename(complete / name)
        if complete.exists():
            complete.rename(folder)
        raise
    finally:
        if lock is not None:
            os.close(lock)


def _finish(complete: Path, target: Path) -> None:
    """Move what a killed process left; existing files are not overwritten."""
    for name in sorted(os.listdir(complete)):
        if not os.path.lexists(target / name):
            (complete / name).rename(target / name)
    with suppress(OSError):
        complete.rmdir()
