"""Starts other programs in a folder, without what would point them at another project."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import AnyStr

from fastgen.errors import EnvironmentFault

GIT_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
"""Variables that point git at the repository whose hook has started this process."""


ANSWER_TIMEOUT = 60.0
"""Seconds that a program has for an answer."""

_SILENT = set[str]()
"""Programs that gave no answer in time: this process asks them nothing more."""


def run(command: Sequence[str], folder: Path, *, hint: str) -> None:
    """Run a command whose output the user sees.

    Raises:
        EnvironmentFault: it failed, or has not answered before.
    """
    if command[0] in _SILENT:
        raise EnvironmentFault(f"`{Path(command[0]).stem}` does not answer.", hint)
    if subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode:
        name = f"{Path(command[0]).stem} {command[1]}"
        raise EnvironmentFault(f"`{name}` failed.", hint)


def ask(
    command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command for its output. One that does not end in time has failed, with an error.

    So have all further commands of the same program, which do not run.
    """
    if command[0] in _SILENT:
        return _no_answer(command)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**_environment(), **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        output, errors = _communicate(process, None, ANSWER_TIMEOUT)
    except subprocess.TimeoutExpired:
        _SILENT.add(command[0])
        return _no_answer(command)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _no_answer(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    reason = f"no answer within {ANSWER_TIMEOUT:.0f} seconds"
    return subprocess.CompletedProcess(command, 1, "", reason)


def run_program(
    command: Sequence[str],
    folder: Path,
    *,
    variables: Mapping[str, str],
    timeout: float | None,
    content: bytes = b"",
    output: int = subprocess.PIPE,
    errors: int = subprocess.DEVNULL,
) -> tuple[int, bytes]:
    """The exit code of a program, and what it wrote.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        variables: added to the environment of this process.
        timeout: in seconds.
        content: what it reads.
        output: where its output goes; by default it is returned.
        errors: where its error messages go.

    Raises:
        TimeoutError: it did not end in time.
    """
    with _started(command, folder, variables, output, errors) as process:
        return _ended(process, content, timeout)


@contextmanager
def start_program(
    command: Sequence[str], folder: Path, *, variables: Mapping[str, str], content: bytes
) -> Iterator[Callable[[float], tuple[int, bytes]]]:
    """Start a program that runs beside this process; an error in the block kills it.

    The block gets a function that waits some seconds for the end of the program. It returns what
    `run_program` returns, or raises `TimeoutError`.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        variables: added to the environment of this process.
        content: what it reads, all of it before it writes anything.
    """
    with _started(command, folder, variables) as process:
        if process.stdin is not None:
            with suppress(OSError), process.stdin:  # a program that has failed reads nothing
                process.stdin.write(content)
            process.stdin = None
        yield lambda timeout: _ended(process, None, timeout)


@contextmanager
def _started(
    command: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    output: int = subprocess.PIPE,
    errors: int = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, which is killed by an error in the block."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**_environment(), **variables},
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=errors,
        start_new_session=True,  # without a terminal, nothing can ask
    ) as process:
        try:
            yield process
        except BaseException:
            _kill(process)
            raise


def _ended(
    process: subprocess.Popen[bytes], content: bytes | None, timeout: float | None
) -> tuple[int, bytes]:
    try:
        written, _ = process.communicate(content, timeout)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None  # its message has the command, maybe with a password
    return process.returncode, written or b""


def _communicate(
    process: subprocess.Popen[AnyStr], content: AnyStr | None, timeout: float | None
) -> tuple[AnyStr, AnyStr]:
    """The output and the errors of a process, which is killed if it is not waited for any more."""
    try:
        return process.communicate(content, timeout)
    except BaseException:
        _kill(process)
        raise


def _kill(process: subprocess.Popen[AnyStr]) -> None:
    """End the process and, where there are process groups, its children."""
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _environment() -> dict[str, str]:
    """The variables of this process, without those of another repository or environment."""
    foreign = (*GIT_VARIABLES, "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in foreign}
