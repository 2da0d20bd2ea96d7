"""What is compared over a socket: bare FastAPI and generated projects, both with the same rows."""

import json
import re
import secrets
from pathlib import Path

from benchmarks.load import Request, ask
from benchmarks.servers import Application, Server
from fastgen.project.operations import EXAMPLES, Operation
from tests.support import ROOT

ROWS = 20
ITEM = {"name": "Lamp", "description": "It gives light.", "price": "12.50", "status": "active"}

BARE = Application(ROOT, "benchmarks.bare:app", ("--no-access-log",))
BARE_WITH_LOG = Application(ROOT, "benchmarks.bare:app")

_TIMES = re.compile(rb'"[0-9T:.-]+Z"')


def generated(folder: Path, *, access_log: bool = True) -> Application:
    """A generated project as it runs in production; uvicorn's own access log is always off."""
    variables = {
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "INFO",
        "ACCESS_LOG": str(access_log).lower(),
        "SHUTDOWN_DRAIN_SECONDS": "0",
    }
    return Application(folder, "app.main:app", ("--no-access-log",), variables)


def more_resources(number: int) -> list[Operation]:
    """Resources called `goods_1` and so on, with the fields of items."""
    options = EXAMPLES[0].options
    return [
        Operation("router", f"goods_{count}", {**options, "singular": f"good_{count}"})
        for count in range(1, number + 1)
    ]


def create(resource: str = "items") -> Request:
    return Request("POST", f"/api/v1/{resource}", 201, json.dumps(ITEM).encode())


def fill(server: Server, resource: str = "items") -> None:
    """Create `ROWS` rows."""
    for _ in range(ROWS):
        ask(server.port, create(resource), connections=1)


def check_same(request: Request, *servers: Server) -> None:
    """Make sure that all give the same answer, but for when its rows were created."""
    bodies = {_TIMES.sub(b'""', ask(server.port, request).last) for server in servers}
    assert len(bodies) == 1, f"{request.path} has different answers: {bodies}"
