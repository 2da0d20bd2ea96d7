"""Runs fastgen in processes that are forked from one that has imported it.

A command takes a tenth of a second this way, and half a second when Python starts anew. The process
has streams, a folder and variables of its own all the same.
"""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from fastgen.cli import main

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [
        # What commands import when they need it.
        "fastgen.cli.change_fields",
        "fastgen.cli.new_project",
        "fastgen.cli.run_plan",
        "fastgen.planning.plan_add",
        "fastgen.planning.plan_extras",
        "fastgen.planning.plan_fields",
        "fastgen.planning.plan_patterns",
        "fastgen.planning.plan_remove",
        "jinja2",
        "pydantic.plugin._loader",
        "rich.tree",
        "typer._adapters",
        __name__,
    ]
)


PR_SET_PTRACER, PR_SET_PTRACER_ANY = 0x59616D61, -1


def run_forked(
    arguments: Sequence[str], cwd: Path, tracer: Sequence[str] = ()
) -> tuple[int, str, str]:
    """The exit code of a command, what it printed, and its errors.

    `tracer` is a command such as `strace`, which is attached before fastgen runs.
    """
    with TemporaryDirectory(prefix="fastgen-command-") as folder:
        streams = [os.devnull, f"{folder}/out", f"{folder}/err"]
        ours, theirs = _processes.Pipe()
        process = _processes.Process(
            target=_run, args=(list(arguments), str(cwd), dict(os.environ), streams, theirs)
        )
        process.start()
        theirs.close()
        pid: int = ours.recv()
        with _attached(tracer, pid):
            ours.send("start")
            process.join()
        code = process.exitcode
        process.close()
        ours.close()
        out, err = (Path(path).read_text("utf-8") for path in streams[1:])
    assert code is not None
    return code, out, err


@contextmanager
def _attached(tracer: Sequence[str], pid: int) -> Iterator[None]:
    """Attach a tracer to a process; it ends with the process and its children."""
    if not tracer:
        yield
        return
    command = [*tracer, "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert first.endswith(f"Process {pid} attached\n"), first
        yield
        process.communicate()


def _run(
    arguments: list[str],
    cwd: str,
    variables: dict[str, str],
    streams: list[str],
    parent: Connection,
) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(cwd)
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    # They stay open until the process ends.
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
    sys.argv = ["fastgen", *arguments]
    # A parent such as nohup, or a background job of a shell, may ignore some signals.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    sys.dont_write_bytecode = True
    # Linux may let nothing but ancestors trace a process.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(PR_SET_PTRACER_ANY))
    parent.send(os.getpid())
    parent.recv()
    parent.close()
    try:
        main()
    except KeyboardInterrupt:  # ends the process as it ends a fresh interpreter
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
