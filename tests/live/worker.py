"""The worker of a generated project, in a process of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.environment import Environment
from tests.forked import ForkedProcess
from tests.live.logs import shown_on_failure
from tests.live.server import PATIENCE, SECONDS_TO_START


@dataclass(frozen=True)
class Worker:
    """A running worker."""

    process: "subprocess.Popen[bytes] | ForkedProcess"
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def kill(self) -> None:
        """Kill it with all processes that it has started, as a container ends."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes for a block, as a machine that swaps or migrates does."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to end, and wait; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextmanager
def work(
    project: Path, environment: Environment, env: Mapping[str, str], *options: str
) -> Iterator[Worker]:
    """Start a worker, and wait until it is one."""
    log = project / f"worker-{uuid4().hex[:8]}.log"
    command = ("python", "-m", "app.worker", *options)
    process = environment.start(*command, cwd=project, log=log, env={**PATIENCE, **env})
    worker = Worker(process, log)
    deadline = time.monotonic() + SECONDS_TO_START
    with shown_on_failure(log):
        try:
            while "worker_started" not in worker.output:
                assert process.poll() is None, "the worker has ended"
                assert time.monotonic() < deadline, "the worker does not start"
                time.sleep(0.05)
            yield worker
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
