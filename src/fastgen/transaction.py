"""The only module that writes. A project appears whole, or not at all.

It is made in a staging folder on the same disk, and moved to its place at the end. What a killed
process left behind is cleared by the next command; a lock on the folder tells whether its process
is alive.
"""

import errno
import os
import re
import secrets
import shutil
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from fastgen.errors import Interrupted, Refused
from fastgen.changes import Change

try:
    import fcntl
except ImportError:  # Windows has no such locks: there, nothing is taken for left behind
    fcntl = None  # type: ignore[assignment]

_STAGING = re.compile(r"\.fastgen-[0-9a-f]{16}(?P<complete>-complete)?")
_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first signal that asks to stop into `Interrupted`, and ignore further ones."""

    def interrupt(number: int, _frame: FrameType | None) -> NoReturn:
        _ignore_signals()
        raise Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
        lock = _make(folder)
        yield folder
        with _uninterrupted():
            if into_folder:
                _move_into(target, folder)
            else:
                _become(target, folder)
    except BaseException:
        _ignore_signals()
        shutil.rmtree(folder, ignore_errors=True)
        os.utime(parent, ns=(times.st_atime_ns, times.st_mtime_ns))
        raise
    finally:
        if lock is not None:
            os.close(lock)


def write(root: Path, changes: Iterable[Change]) -> None:
    """Write the files, and the folders that they need, below `root`."""
    for change in changes:
        if change.text is not None:
            path = root / change.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(change.text.encode("utf-8"))


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def use_own_modes(root: Path) -> None:
    """Give files the modes that this user's new files have, whatever those of the templates."""
    umask = os.umask(0)
    os.umask(umask)
    for path in root.rglob("*"):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)


def clear_leftovers(parent: Path) -> None:
    """Finish, or remove, what commands that were killed have left in `parent`."""
    for name in sorted(os.listdir(parent)):
        match = _STAGING.fullmatch(name)
        if match is None or (lock := _lock(parent / name)) is None:
            continue
        try:
            if match["complete"]:
                _finish(parent / name, parent)
            else:
                shutil.rmtree(parent / name)
        finally:
            os.close(lock)


def _make(folder: Path) -> int | None:
    """Create the folder, and lock it for as long as this process lives."""
    if fcntl is None:
        folder.mkdir()
        return None
    while True:
        # Between these lines, another command may take the folder for one left behind.
        folder.mkdir(exist_ok=True)
        lock = _lock(folder)
        if lock is not None:
            if folder.exists() and os.fstat(lock).st_ino == folder.stat().st_ino:
                return lock
            os.close(lock)


def _lock(folder: Path) -> int | None:
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


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold signals back; when the block has ended without an error, it is too late for them."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
        _ignore_signals()
    finally:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _become(target: Path, folder: Path) -> None:
    """Rename the folder to what is not there yet."""
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
    lock = _lock(target)
    if lock is None and fcntl is not None:
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
    """Move what a killed process did not; what is there by now is not overwritten."""
    for name in sorted(os.listdir(complete)):
        if not os.path.lexists(target / name):
            (complete / name).rename(target / name)
    with suppress(OSError):
        complete.rmdir()
