"""Locks on folders: a lock is held as long as the process that works on the folder lives."""

import errno
import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no such locks: there, nothing is taken for left behind
    fcntl = None  # type: ignore[assignment]

HAS_LOCKS = fcntl is not None


def make_locked(folder: Path) -> int | None:
    """Create the folder, and lock it for as long as this process lives."""
    if fcntl is None:
        folder.mkdir()
        return None
    while True:
        # Between these lines, another command may take the folder for one left behind.
        folder.mkdir(exist_ok=True)
        lock = lock_now(folder)
        if lock is not None:
            if folder.exists() and os.fstat(lock).st_ino == folder.stat().st_ino:
                return lock
            os.close(lock)


def lock_now(folder: Path) -> int | None:
    """An open, locked folder; None if another process has it, or if it is not a folder."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def wait_for(folder: Path) -> int | None:
    """An open folder, locked as soon as no other command has it."""
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
