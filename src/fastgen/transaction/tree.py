"""Removes the folders of a transaction."""

import os
import shutil
from contextlib import nullcontext, suppress
from pathlib import Path


def remove_tree(folder: Path, *, ignore_errors: bool = False) -> None:
    """Remove a folder and everything in it.

    `shutil.rmtree` keeps a file descriptor open for each level, and fails where too many files are
    open. The rest is then removed from the innermost folders on, with one descriptor.
    """
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    attempt = suppress(OSError) if ignore_errors else nullcontext()
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in files:
            with attempt:
                Path(parent, name).unlink()
        for name in folders:
            path = Path(parent, name)
            with attempt:
                path.unlink() if path.is_symlink() else path.rmdir()
    with attempt:
        folder.rmdir()
