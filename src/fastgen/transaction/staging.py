"""A project appears whole, or not at all.

It is made in a staging folder on the same disk, and moved to its place at the end. What a killed
process left behind is cleared by the next command.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from fastgen.errors import Refused
from fastgen.interruption import ignore_signals, uninterrupted
from fastgen.transaction.leftovers import clear_leftovers, is_leftover
from fastgen.transaction.locks import HAS_LOCKS, lock_now, make_locked
from fastgen.transaction.tree import remove_tree


def check_target(target: Path) -> None:
    """Make sure that a project can go to `target`: nothing is there, or an empty folder.

    Raises:
        Refused: something is there.
    """
    if target.is_symlink():
        raise Refused(f"`{target}` is a link.", "Name the folder that it points to.")
    if target.exists() and not target.is_dir():
        raise Refused(f"`{target}` is there already, and not a folder.", "Choose another name.")
    if target.is_dir() and not all(map(is_leftover, target.iterdir())):
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
    folder = lock = None
    try:
        folder, lock = make_locked(parent)
        yield folder
        with uninterrupted():
            if into_folder:
                _move_into(target, folder)
            else:
                _become(target, folder)
    except BaseException:
        ignore_signals()
        if folder is not None:
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
