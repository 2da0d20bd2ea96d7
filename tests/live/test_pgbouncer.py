"""A generated project behind a PgBouncer that gives a server connection to each transaction."""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.environment import Environment
from tests.live.server import Server, accepts_connections, free_port, serve, until
from tests.services import POSTGRESQL
from tests.support import generate

pytestmark = pytest.mark.skipif(
    shutil.which("pgbouncer") is None and "FASTGEN_REQUIRE_SERVICES" not in os.environ,
    reason="pgbouncer is not installed",
)

# Fewer server connections than clients: consecutive transactions of a client use different ones.
CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}{password}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""


@pytest.fixture
def pgbouncer(tmp_path: Path) -> Iterator[int]:
    """The port of a PgBouncer."""
    there, port = urlsplit(POSTGRESQL.url), free_port()
    configuration = tmp_path / "pgbouncer.ini"
    configuration.write_text(
        CONFIGURATION.format(
            host=there.hostname,
            port=there.port or 5432,
            user=there.username,
            password=f" password={there.password}" if there.password else "",
            own_port=port,
        )
    )
    other_user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to run as root
    process = subprocess.Popen(
        ["pgbouncer", "-q", *other_user, str(configuration)], stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: accepts_connections(port) or process.poll() is not None)
        assert process.poll() is None
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def server(environment: Environment, pgbouncer: int, tmp_path: Path) -> Iterator[Server]:
    project = generate(tmp_path, patterns=("database",))
    with POSTGRESQL.database(environment) as database:
        user = urlsplit(POSTGRESQL.url).username
        url = f"postgresql://{user}@127.0.0.1:{pgbouncer}/{database}?pgbouncer=true"
        variables = {"DATABASE_URL": url, "SECRET_KEY": "only-for-tests-0123456789-abcdefghij"}
        environment.migrate(project, variables)
        with serve(project, environment, env=variables) as server:
            yield server


def test_requests_share_the_server_connections(server: Server) -> None:
    def use_an_item(number: int) -> list[int]:
        item = {"name": f"Lamp {number}", "price": "12.50"}
        created = client.post("/api/v1/items", json=item)
        url = created.headers["location"]
        return [
            created.status_code,
            client.get(url).status_code,
            client.patch(url, json={"price": "7.25"}).status_code,
            client.get("/api/v1/items?q=lamp&price_min=7").status_code,
            client.get("/api/v1/items/cursor?status=draft").status_code,
            client.delete(url).status_code,
        ]

    with httpx2.Client(base_url=server.url, timeout=60) as client, ThreadPoolExecutor(20) as pool:
        answers = Counter(map(tuple, pool.map(use_an_item, range(100))))
        ready = client.get("/ready")

    assert answers == {(201, 200, 200, 200, 200, 204): 100}
    assert ready.status_code == 200
