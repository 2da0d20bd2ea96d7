"""A terminal as a person has it: a command in it, keys that are typed, and a screen."""

import os
import sys
from pathlib import Path

import pexpect
import pyte

ENTER, CTRL_C, SPACE, DOWN = "\r", "\x03", " ", "\x1b[B"
LINES = 400
SECONDS = 60


class Terminal:
    """A terminal of a given size, with a command running in it."""

    def __init__(self, *arguments: str, cwd: Path, columns: int = 100, **env: str) -> None:
        variables = {**os.environ, "TERM": "xterm", **env}
        variables.pop("CI", None)
        self.screen = pyte.HistoryScreen(columns, LINES, history=1000)
        self._stream = pyte.Stream(self.screen)
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", "fastgen", *arguments],
            cwd=str(cwd),
            env=variables | {name: value for name, value in env.items() if value},
            dimensions=(LINES, columns),
            encoding="utf-8",
            timeout=SECONDS,
        )
        self._child.logfile_read = self

    def write(self, text: str) -> None:
        """Take what the command prints; pexpect hands it over."""
        self._stream.feed(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    @property
    def text(self) -> str:
        """What the screen shows, and what has scrolled away."""
        above = [
            "".join(line[column].data for column in range(self.screen.columns))
            for line in self.screen.history.top
        ]
        return "\n".join(line.rstrip() for line in [*above, *self.screen.display])

    def answer(self, question: str, keys: str) -> None:
        """Wait for a question, and type."""
        self.wait_for(question)
        self._child.send(keys)

    def wait_for(self, text: str) -> None:
        self._child.expect_exact(text)

    def end(self) -> int:
        """Wait for the end; the exit code."""
        self._child.expect(pexpect.EOF)
        self._child.close()
        status = self._child.exitstatus
        return -1 if status is None else status
