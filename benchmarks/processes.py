"""What a whole process costs, from its start to its end."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Cost:
    """In seconds."""

    wall: float
    cpu: float
    """Its own and the kernel's for it, without that of other processes on the machine."""


def run(command: Command, folder: Path) -> Cost:
    """Run a command in `folder`.

    Raises:
        CalledProcessError: it has failed.
    """
    # As installed: compiled by the first run, whatever the shell around it wants.
    variables = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    started = perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(wall, usage.ru_utime + usage.ru_stime)
