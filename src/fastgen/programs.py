"""Starts other programs in a folder, without what would point them at another project."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
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


def run(command: Sequence[str], folder: Path, *, hint: str) -> None:
    """Run a command whose output the user sees.

    Raises:
        EnvironmentFault: it failed.
    """
    if subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode:
        name = f"{Path(command[0]).stem} {command[1]}"
        raise EnvironmentFault(f"`{name}` failed.", hint)


def ask(
    command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command for its output. One that does not end in time has failed, with an error."""
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
        reason = f"no answer within {ANSWER_TIMEOUT:.0f} seconds"
        return subprocess.CompletedProcess(command, 1, "", reason)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


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
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**_environment(), **variables},
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=errors,
        start_new_session=True,  # without a terminal, nothing can ask
    )
    try:
        written, _ = _communicate(process, content, timeout)
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
