"""Locks on folders: a lock is held as long as the process that works on the folder lives."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no such locks: there, nothing is taken for left behind
    fcntl = None  # type: ignore[assignment]

HAS_LOCKS = fcntl is not None


def make_locked(parent: Path) -> tuple[Path, int | None]:
    """Create a folder, and lock it for as long as this process lives."""
    while True:
        new = named = parent / f".fastgen-{secrets.token_hex(8)}"
        lock = None
        try:
            new.mkdir()
            # Until it is locked, another command may take the folder for one left behind.
            lock = lock_now(new)
            if lock is not None or fcntl is None:
                named = parent / folder_name(new.lstat())
                return new.rename(named), lock
        except BaseException as error:
            for folder in (new, named):
                with suppress(OSError):
                    folder.rmdir()
            if lock is None:
                raise
            os.close(lock)
            if not isinstance(error, FileNotFoundError):
                raise


def folder_name(status: os.stat_result) -> str:
    """The name of a folder that a command makes: no copy of it has the same inode."""
    return f".fastgen-{status.st_ino & 0xFFFF_FFFF_FFFF_FFFF:016x}"


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
