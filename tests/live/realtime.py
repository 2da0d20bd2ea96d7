"""Two processes of a project with streams and sockets, over one Redis that can go away."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.environment import Environment
from tests.live.fault_proxy import FaultProxy
from tests.live.server import Server, serve
from tests.services import REDIS

SECRET = "only-for-tests-0123456789-abcdefghijklmnop"


@dataclass(frozen=True)
class Workers:
    """The processes, and what is between them and Redis."""

    servers: tuple[Server, ...]
    redis: FaultProxy
    variables: Mapping[str, str]
    """Their settings, for a process more."""


@contextmanager
def working(
    project: Path, environment: Environment, settings: Mapping[str, str], count: int = 2
) -> Iterator[Workers]:
    """Start them; they are stopped at the end of the block."""
    there = urlsplit(REDIS.url)
    with (
        REDIS.keys(environment) as prefix,
        FaultProxy(there.hostname or "127.0.0.1", there.port or 6379).running() as proxy,
        ExitStack() as stack,
    ):
        variables = {
            "REDIS_URL": f"redis://127.0.0.1:{proxy.port}{there.path}",
            "REDIS_PREFIX": prefix,
            # The machine may be busy; what is tested is not how fast Redis is.
            "REDIS_TIMEOUT_SECONDS": "20",
            "SECRET_KEY": SECRET,
            "ACCESS_LOG": "false",
            **settings,
        }
        servers = [
            stack.enter_context(serve(project, environment, env=variables)) for _ in range(count)
        ]
        yield Workers(tuple(servers), proxy, variables)


def set_constants(module: Path, **values: float) -> None:
    """Give constants of a module of a project other values."""
    source = module.read_text()
    for name, value in values.items():
        source, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", source)
        assert count == 1, name
    module.write_text(source)


def processes(server: Server) -> list[int]:
    """The process of a server, and those that it has started: its workers."""
    first = server.process.pid
    children = Path(f"/proc/{first}/task/{first}/children").read_text()
    return [first, *map(int, children.split())]


def open_files(server: Server) -> int:
    """How many files and connections its processes have open."""
    return sum(open_in(process) for process in processes(server))


def open_in(process: int) -> int:
    """How many files and connections a process has open."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def memory(server: Server) -> int:
    """The bytes that its processes have in memory."""
    found = 0
    for process in processes(server):
        status = Path(f"/proc/{process}/status").read_text()
        found += int(status.partition("VmRSS:")[2].split()[0]) * 1024
    return found
