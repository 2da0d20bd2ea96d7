"""`fastgen web` as a process."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import FASTGEN


@contextmanager
def serve_page(*options: str) -> Iterator[str]:
    """The URL of the page, without a slash at the end."""
    process = subprocess.Popen(
        [*FASTGEN, "web", "--port", "0", "--no-open", *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    with process, process.stdout:
        try:
            yield next(word for word in process.stdout.readline().split() if "://" in word)[:-1]
        finally:
            process.terminate()
