"""Faults and signals at chosen system calls of a command, by strace."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from tests.command_line import run_forked
from tests.support import FASTGEN, Result, fastgen

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None and "FASTGEN_REQUIRE_SERVICES" not in os.environ,
    reason="strace is not installed",
)
STEADY = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
"""With these variables, every run of an interpreter makes the same calls in the same order."""
FRESH = [*FASTGEN]
"""A program that starts anew: the calls include those of Python and of all imports."""
CHANGING = ("write", "mkdir", "rename", "link", "unlink", "rmdir")
"""The system calls that change a disk, besides those that create a file."""
_CREATING = "openat"


@dataclass(frozen=True)
class Call:
    """The nth call of a system call in a run."""

    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name}-{self.number}"


def trace(
    command: Sequence[str], cwd: Path, log: Path, program: Sequence[str] = FASTGEN
) -> list[Call]:
    """Run a command undisturbed; its calls that change a disk, in order.

    strace counts the calls of each process by themselves, so two processes may have the same one.
    """
    names = (*CHANGING, _CREATING)
    options = ("-o", str(log), "-e", f"trace={','.join(names)}")
    result = _under_strace(command, cwd, program, *options)
    assert result.code == 0, result.err
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for line in log.read_text("utf-8", "replace").splitlines():
        match = re.match(r"(\d+) +(\w+)\((.*)", line)
        if match and match[2] in names:
            process, name, rest = match.groups()
            counts[process, name] += 1
            if name != _CREATING or "O_CREAT" in rest:
                found.append(Call(name, counts[process, name]))
    return [*dict.fromkeys(found)]


def disturb(
    command: Sequence[str],
    cwd: Path,
    call: Call,
    fault: str,
    count: int = 1,
    program: Sequence[str] = FASTGEN,
) -> Result:
    """Run a command in which `count` calls from `call` on meet a fault, such as `signal=KILL`."""
    when = f"{call.number}..{call.number + count - 1}" if count > 1 else str(call.number)
    return _under_strace(
        command, cwd, program, "-o", os.devnull, "-e", f"inject={call.name}:{fault}:when={when}"
    )


def sample(
    calls: Iterable[Call], ends: int, step: int, share: tuple[int, int] = (0, 1)
) -> list[Call]:
    """Of each system call the first and the last `ends` calls, and every `step`th between.

    The steps of a transaction are at the ends; between them one file is written after the other.
    With `FASTGEN_EVERYTHING=1`, all calls.

    Args:
        calls: of an undisturbed run.
        ends: how many calls are taken from either end.
        step: of the calls between.
        share: the number of a test, and how many tests share the calls: each takes others.
    """
    if os.environ.get("FASTGEN_EVERYTHING") == "1":
        return [*calls]
    chosen = []
    for _, group in groupby(sorted(calls, key=lambda call: call.name), lambda call: call.name):
        of_a_name = [*group]
        last = max(len(of_a_name) - ends, ends)
        chosen += of_a_name[:ends] + of_a_name[ends:last:step] + of_a_name[last:]
    number, count = share
    return chosen[number::count]


def _under_strace(
    command: Sequence[str], cwd: Path, program: Sequence[str], *options: str
) -> Result:
    if program is FASTGEN:
        return Result(*run_forked(command, cwd, tracer=["strace", "-f", *options]))
    # A parent such as nohup, or a background job of a shell, may ignore some signals.
    heard = ["env", "--default-signal=HUP,INT,TERM"]
    tracer = [*heard, "strace", "-f", "--seccomp-bpf", "-qq", *options]
    return fastgen(*command, cwd=cwd, env=STEADY, prefix=tracer, program=program)
