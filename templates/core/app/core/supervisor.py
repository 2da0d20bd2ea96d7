"""The parent process of several workers."""

import os
import signal
from socket import socket
from types import FrameType

from uvicorn import Config
from uvicorn.supervisors import Multiprocess


class Supervisor(Multiprocess):
    """Uvicorn's supervisor, which passes SIGTERM on at once.

    Uvicorn's own looks for signals every half second. Until then `/ready` would be 200.
    """

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        signal.signal(signal.SIGTERM, self._terminate)

    def _terminate(self, number: int, _frame: FrameType | None) -> None:
        self.signal_queue.append(number)
        for process in self.processes:
            if process.pid is not None and process.process.is_alive():
                os.kill(process.pid, number)
