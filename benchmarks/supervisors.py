"""Uvicorn's own supervisor and Gunicorn, with two workers each; run by `choices.py`."""

import json
import os
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROUNDS = 5
COMMANDS = {
    "Uvicorn": ["uvicorn", "--workers=2", "--port={port}", "--log-level=error"],
    "Gunicorn": [
        *["gunicorn", "--workers=2", "--worker-class=uvicorn_worker.UvicornWorker"],
        *["--bind=127.0.0.1:{port}", "--log-level=error"],
    ],
}
PORT = 18_765


async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer with the process that answers."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(os.getpid()).encode()})


def answering() -> int | None:
    """The worker that answers; None if there is none."""
    connection = HTTPConnection("127.0.0.1", PORT, timeout=1)
    try:
        connection.request("GET", "/")
        return int(connection.getresponse().read())
    except OSError:
        return None
    finally:
        connection.close()


def wait_for_workers(others: set[int], count: int) -> tuple[set[int], float]:
    """So many workers besides `others` that answer, and how long that took."""
    started = time.monotonic()
    found: set[int] = set()
    while len(found) < count:
        worker = answering()
        if worker is not None and worker not in others:
            found.add(worker)
    return found, time.monotonic() - started


def megabytes(pid: int) -> float:
    """The memory of a process, with its part of what is shared."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds until a killed worker is replaced, and megabytes of a worker."""
    words = [word.format(port=PORT) for word in command]
    server = subprocess.Popen([sys.executable, "-m", *words, "benchmarks.supervisors:app"])
    try:
        workers, _ = wait_for_workers(set(), 2)
        used = sum(map(megabytes, workers)) / len(workers)
        os.kill(workers.copy().pop(), signal.SIGKILL)
        _, seconds = wait_for_workers(workers, 1)
        return seconds, used
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    found: dict[str, dict[str, list[float]]] = {
        name: {"seconds": [], "mb": []} for name in COMMANDS
    }
    for number in range(ROUNDS):
        for name in reversed([*COMMANDS]) if number % 2 else COMMANDS:
            seconds, used = measure(COMMANDS[name])
            found[name]["seconds"].append(seconds)
            found[name]["mb"].append(used)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
