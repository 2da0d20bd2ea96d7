"""The machine that is measured on (Linux): its cores, what runs on them, what is installed."""

import os
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path
from time import clock_gettime

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = _CORES[0], _CORES[-1]


def pin(process_id: int, core: int) -> None:
    """Keep a process on one core, where what it competes with is the same in every round."""
    os.sched_setaffinity(process_id, {core})


def cpu_seconds(process_id: int) -> float:
    """How long a process has been running on a core, exact to microseconds.

    `/proc/PID/stat` counts hundredths of a second. This is the clock that `clock_getcpuclockid` of
    the C library gives, which Python does not have.
    """
    return clock_gettime((~process_id << 3) | 2)


def description(python: Path, distributions: Iterable[str]) -> str:
    """What the figures depend on: cores, interpreter, versions of the distributions."""
    script = "import sys; from importlib.metadata import version as v; print(*map(v, sys.argv[1:]))"
    names = list(distributions)
    versions = subprocess.run(
        [python, "-c", script, *names], capture_output=True, text=True, check=True
    ).stdout.split()
    installed = ", ".join(
        f"{name} {version}" for name, version in zip(names, versions, strict=True)
    )
    cores = f"{len(_CORES)} cores of {platform.machine()}"
    return f"{cores}, CPython {platform.python_version()}, {installed}"
