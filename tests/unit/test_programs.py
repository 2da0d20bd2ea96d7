"""Programs that run beside this process."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fastgen.programs import start_program

VARIABLE = {"ANSWER": "42"}
COUNTING = "import os, sys; print(len(sys.stdin.read()), os.getcwd(), os.environ['ANSWER'])"
SLEEPING = "import sys, time; sys.stdin.read(); time.sleep(600)"
MANY = b"x" * 1_000_000
"""More than a pipe holds."""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def has_ended(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_its_result(tmp_path: Path) -> None:
    with start_program(python(COUNTING), tmp_path, variables=VARIABLE, content=MANY) as result:
        code, output = result(60)

    assert (code, output.decode().split()) == (0, [str(len(MANY)), str(tmp_path), "42"])


def test_it_runs_meanwhile(tmp_path: Path) -> None:
    code = "import pathlib, sys; pathlib.Path('done').write_text(sys.stdin.read())"
    with start_program(python(code), tmp_path, variables={}, content=b"1") as result:
        until((tmp_path / "done").exists)
        assert result(60) == (0, b"")


def test_one_that_fails_before_it_reads(tmp_path: Path) -> None:
    with start_program(
        python("raise SystemExit(7)"), tmp_path, variables={}, content=MANY
    ) as result:
        assert result(60) == (7, b"")


def test_too_slow(tmp_path: Path) -> None:
    with (
        pytest.raises(TimeoutError),
        start_program(python(SLEEPING), tmp_path, variables={}, content=b"") as result,
    ):
        result(0.01)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there are no groups of processes")
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_error_ends_it_with_its_children(tmp_path: Path, error: type[BaseException]) -> None:
    code = (
        "import os, pathlib, subprocess, sys, time; sys.stdin.read();"
        " child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        " pathlib.Path('new').write_text(f'{os.getpid()} {child.pid}');"
        " os.replace('new', 'processes'); time.sleep(600)"
    )
    with (
        pytest.raises(error),
        start_program(python(code), tmp_path, variables={}, content=b""),
    ):
        until((tmp_path / "processes").exists)
        raise error

    own, child = map(int, (tmp_path / "processes").read_text().split())
    assert has_ended(own)
    until(lambda: has_ended(child) or is_zombie(child))


def is_zombie(process: int) -> bool:
    """A killed process whose parent has not asked for it."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:  # it has gone
        return False
    return status.rpartition(")")[2].split()[0] == "Z"
