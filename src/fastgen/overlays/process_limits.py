"""Limits of the process that runs Copier: memory, sizes of files, and its lifetime."""

import errno
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from fastgen.overlays.folder_files import MAX_BYTES

MAX_MEMORY = 2 * 1024**3
"""Bytes of address space."""

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
"""Errors that no template causes: the process ends with their number as its exit code."""

_INTERVAL = 0.5
"""Seconds between two looks at the parent."""


def limit_resources() -> None:
    """Limit memory and the sizes of files, where the platform can."""
    if sys.platform == "win32":
        return
    import resource

    for kind, wanted in ((resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_FSIZE, MAX_BYTES)):
        _, hard = resource.getrlimit(kind)
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):  # macOS has no limit of the address space
            resource.setrlimit(kind, (soft, hard))


def end_with_parent(parent: int, folder: Path) -> None:
    """Remove the temporary folder and end this process, once its parent was killed.

    Windows keeps the ID of a dead parent: there, the process ends by itself.
    """
    threading.Thread(target=_watch, args=(parent, folder), daemon=True).start()


def _watch(parent: int, folder: Path) -> None:
    while os.getppid() == parent:
        time.sleep(_INTERVAL)
    if sys.platform == "win32":
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)  # the commands of the template too
