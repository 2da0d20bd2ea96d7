"""Errors: one sentence, a way out, and the exit code that scripts rely on."""

import os
import signal
from typing import ClassVar

STAGING = f"{os.sep}.fastgen-"
"""How the folders begin in which files are written first."""


class FastgenError(Exception):
    """The base of every expected failure.

    `message` is one sentence, with paths and names in backticks; `hint` says what to do next.
    """

    exit_code: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInput(FastgenError):
    """A name, an option or a text that cannot be used."""

    exit_code = 2
    code = "bad_input"


class Refused(FastgenError):
    """The request is valid, but would harm existing files."""

    exit_code = 3
    code = "refused"


class NotAProject(FastgenError):
    """This is not a project of fastgen, or its state file is damaged."""

    exit_code = 4
    code = "not_a_project"


class EnvironmentFault(FastgenError):
    """The disk, a permission or a tool is in the way."""

    exit_code = 5
    code = "environment"

    @classmethod
    def from_os_error(cls, error: OSError) -> "EnvironmentFault":
        names = [str(name) for name in (error.filename2, error.filename) if name]
        # A file is written beside the others first: the place that it was meant for is of interest.
        places = [name for name in names if STAGING not in name] or [
            name.partition(STAGING)[0] for name in names
        ]
        where = f" at `{places[0]}`" if places else ""
        reason = error.strerror or str(error)
        return cls(
            f"The system reported an error{where}: {reason}.",
            "Nothing was written. Remove the cause, then run the command again.",
        )


class Bug(FastgenError):
    """An error that is a fault of fastgen."""

    exit_code = 70  # EX_SOFTWARE of sysexits.h
    code = "bug"

    def __init__(self, message: str) -> None:
        super().__init__(message, "Run the command again with `--debug`, and report what it says.")


class Interrupted(BaseException):
    """A signal asked the process to stop; nothing that catches errors may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.name = signal.Signals(number).name

    @property
    def exit_code(self) -> int:
        return 128 + self.number
