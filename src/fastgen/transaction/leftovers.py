"""What commands that were killed have left behind: the next command finishes or removes it.

The digits in the name of such a folder are the number of its inode; a lock on it tells whether its
command is alive. A folder that came with a clone, an archive or a copy has another inode: no
command has made it here, and it is neither followed nor removed.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from fastgen.errors import NotAProject
from fastgen.transaction.journal import finish_edit
from fastgen.transaction.locks import folder_name, lock_now
from fastgen.transaction.tree import remove_tree

_NAME = re.compile(r"(?P<made>\.fastgen-[0-9a-f]{16})(?:-(?P<stage>complete|edit))?")


def clear_leftovers(parent: Path) -> None:
    """Finish, or remove, what commands that were killed have left in `parent`.

    Raises:
        NotAProject: the journal of an edit is damaged.
        OSError: the disk is full, a folder cannot be written.
    """
    for folder, stage in _folders(parent):
        if not is_leftover(folder) or not _is_own(folder):
            continue
        if (lock := lock_now(folder)) is None:
            continue
        try:
            if not _has_entries(folder):  # maybe its command was killed before it was named
                with suppress(FileNotFoundError):
                    folder.rmdir()
            elif stage == "complete":
                _finish(folder, parent)
            elif stage == "edit":
                finish_edit(folder, parent)
            else:
                remove_tree(folder)
        finally:
            os.close(lock)


def check_leftovers(root: Path) -> None:
    """Make sure that the project has no leftovers of commands that ran elsewhere.

    Raises:
        NotAProject: it has one.
    """
    for folder, _ in _folders(root):
        if is_leftover(folder) and _is_own(folder):
            continue
        if (lock := lock_now(folder)) is not None:
            os.close(lock)
            raise NotAProject(
                f"`{folder}` was not left behind by a command of yours in this folder.",
                "Look in it for missing files of the project, then delete it.",
            )


def interrupted_edits(root: Path) -> list[str]:
    """The folders of edits whose process was killed before their end. Nothing is changed."""
    found = []
    for folder, stage in _folders(root):
        if stage == "edit" and is_leftover(folder) and (lock := lock_now(folder)) is not None:
            os.close(lock)
            found.append(folder.name)
    return found


def is_leftover(path: Path) -> bool:
    """Whether the path is a folder that a command has made there, or is making."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return False
    try:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return False
        return match["made"] == folder_name(status) or not _has_entries(path)
    except FileNotFoundError:
        return True  # its command has come to its end


def _folders(parent: Path) -> Iterator[tuple[Path, str | None]]:
    """The folders with the name of a leftover, and how far their commands came."""
    for name in sorted(os.listdir(parent)):
        if match := _NAME.fullmatch(name):
            with suppress(FileNotFoundError):
                if stat.S_ISDIR((parent / name).lstat().st_mode):
                    yield parent / name, match["stage"]


def _is_own(folder: Path) -> bool:
    return not hasattr(os, "geteuid") or folder.lstat().st_uid == os.geteuid()


def _has_entries(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return any(entries)


def _finish(complete: Path, target: Path) -> None:
    """Move what a killed process left; existing files are not overwritten."""
    for name in sorted(os.listdir(complete)):
        if not os.path.lexists(target / name):
            (complete / name).rename(target / name)
    with suppress(OSError):
        complete.rmdir()
