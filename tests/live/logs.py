"""The logs of programs that run: a test that fails shows how they end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 10_000
"""Characters of a log that are shown."""
_running: list[Path] = []


@contextmanager
def shown_on_failure(log: Path) -> Iterator[None]:
    """The log of a program that runs in the block; it is deleted after it."""
    _running.append(log)
    try:
        yield
    except BaseException:
        print(_end_of(log))
        raise
    finally:
        _running.remove(log)
        log.unlink()


def of_running_programs() -> list[tuple[str, str]]:
    """The name and the end of each log."""
    return [(f"log {log.name}", _end_of(log)) for log in _running]


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-LONGEST:]
