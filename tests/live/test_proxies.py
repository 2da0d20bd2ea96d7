"""The configurations of the extra `proxy`: two instances behind Caddy, and behind nginx."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import sub
from pathlib import Path

import httpx2
import pytest

from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment
from tests.live.readers import following
from tests.live.realtime import working
from tests.live.server import CLIENT, Server, free_port, serve, until, wait_for
from tests.live.sockets import entering, hear, say
from tests.live.test_request_limits import (
    LARGE_HEADERS,
    STARTS,
    peak_megabytes,
    send_headers,
)
from tests.support import generate

SETTINGS = {"ACCESS_LOG": "true", "TRUSTED_PROXIES": "127.0.0.1", "ENVIRONMENT": "development"}
PAUSE = 0.3
"""Seconds between requests: in twenty of them, proxies try the instance that has ended again."""
FORGED = "203.0.113.7"


@dataclass(frozen=True)
class Proxied:
    proxy: Server
    instances: Sequence[Server]


def caddy(project: Path, port: int, ports: Sequence[int]) -> list[str]:
    """Its command, with a configuration that differs in the addresses alone."""
    text = (project / "deploy" / "proxy" / "Caddyfile").read_text("utf-8")
    assert "dynamic a app 8000" in text
    upstreams = " ".join(f"127.0.0.1:{each}" for each in ports)
    path = project / "Caddyfile"
    path.write_text(text.replace("dynamic a app 8000", f"to {upstreams}"))
    return ["caddy", "run", "--adapter=caddyfile", f"--config={path}"]


def nginx(project: Path, port: int, ports: Sequence[int]) -> list[str]:
    text = (project / "deploy" / "proxy" / "nginx.conf").read_text("utf-8")
    (options,) = re.findall(r"server app:8000 (.+);", text)
    upstreams = "".join(f"server 127.0.0.1:{each} {options};\n" for each in ports)
    text = text.replace(f"server app:8000 {options};", upstreams)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/tmp/", f"{project}/")
    path = project / "nginx.conf"
    path.write_text(f"error_log stderr;\n{text}")
    return ["nginx", "-e", "stderr", "-c", str(path), "-g", "daemon off;"]


@contextmanager
def running(
    make: Callable[..., list[str]], project: Path, ports: Sequence[int]
) -> Iterator[Server]:
    port = free_port()
    command = make(project, port, ports)
    if shutil.which(command[0]) is None:
        assert os.environ.get("FASTGEN_REQUIRE_SERVICES") != "1", f"{command[0]} is missing"
        pytest.skip(f"{command[0]} is not installed")
    log = project / "proxy.log"
    own = {"SITE_ADDRESS": f"http://127.0.0.1:{port}", "HOME": str(project)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **own},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(port, process, log)
    try:
        wait_for(server)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with its workers
        process.wait()


@pytest.fixture(scope="module", params=[caddy, nginx], ids=lambda make: make.__name__)
def proxied(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    environment: Environment,
) -> Iterator[Proxied]:
    project = generate(
        tmp_path_factory.mktemp("proxies"),
        patterns=("streaming", "websockets"),
        operations=(*EXAMPLES, Operation("extra", "proxy")),
    )
    with working(project, environment, SETTINGS, count=3) as workers:
        ports = [server.port for server in workers.servers]
        with running(request.param, project, ports) as proxy:
            yield Proxied(proxy, workers.servers)


def test_metrics_stay_inside(proxied: Proxied) -> None:
    response = CLIENT.get(f"{proxied.proxy.url}/metrics")

    assert response.status_code == 404
    assert response.headers.get("content-type") != "application/problem+json", "of the service"


def test_events_pass_as_they_come(proxied: Proxied) -> None:
    async def run() -> None:
        async with following(proxied.proxy) as reader, httpx2.AsyncClient(timeout=60) as client:
            await reader.has_begun()
            for number in range(4):  # to either instance
                event = {"type": "note", "data": {"number": number}}
                sent = await client.post(f"{proxied.proxy.url}/api/v1/events/news", json=event)
                await reader.has(sent.json()["id"])

    asyncio.run(run())


def test_sockets_pass(proxied: Proxied) -> None:
    async def run() -> None:
        async with entering(proxied.proxy) as ann, entering(proxied.proxy) as bob:
            await hear(bob, "presence")
            await say(ann, "hello")
            assert (await hear(bob))["text"] == "hello"

    asyncio.run(run())


@pytest.mark.parametrize(("megabytes", "status"), [(9, 201), (11, 413)])
def test_uploads(proxied: Proxied, megabytes: int, status: int) -> None:
    text = b"a line of text.\n" * (megabytes * 65536)
    url = f"{proxied.proxy.url}/api/v1/files"

    response = CLIENT.post(url, files={"file": ("a.txt", text, "text/plain")}, timeout=60)

    assert response.status_code == status


def test_large_headers_do_not_reach_the_service(proxied: Proxied) -> None:
    headers = {"X-Large": "x" * 300_000}

    response = CLIENT.get(f"{proxied.proxy.url}/health", headers=headers)

    assert response.status_code in (400, 431)
    assert "application/problem+json" not in response.headers.get("content-type", "")
    assert CLIENT.get(f"{proxied.proxy.url}/health").status_code == 200


@pytest.mark.parametrize(("part", "count"), [*LARGE_HEADERS.values()], ids=[*LARGE_HEADERS])
def test_endless_headers(proxied: Proxied, part: bytes, count: int) -> None:
    """The proxy reads them without keeping them, and none of them reaches an instance."""
    servers = (proxied.proxy, *proxied.instances)
    before = [*map(peak_megabytes, servers)]

    send_headers(proxied.proxy, STARTS["head"], part, count)

    more = [*map(sub, map(peak_megabytes, servers), before)]
    assert max(more) < 20
    assert max(more[1:]) < 5


def test_clients_cannot_forge_their_address(proxied: Proxied) -> None:
    response = CLIENT.get(
        f"{proxied.proxy.url}/health", headers={"X-Forwarded-For": FORGED, "X-Request-ID": "forged"}
    )

    assert response.status_code == 200

    def lines() -> list[str]:
        outputs = "".join(server.output for server in proxied.instances)
        return [line for line in outputs.splitlines() if "forged" in line]

    until(lambda: lines() != [])  # it is logged after the response
    (line,) = lines()
    assert "127.0.0.1" in line
    assert FORGED not in line


def test_a_killed_instance_fails_no_later_request(proxied: Proxied) -> None:
    """Those that it was answering may fail: one of each client."""
    killed = proxied.instances[-1].process

    async def status(client: httpx2.AsyncClient) -> int:
        try:
            return (await client.get("/api/v1/items")).status_code
        except httpx2.RemoteProtocolError:  # the instance was killed within its response
            return 502

    async def call(client: httpx2.AsyncClient) -> list[tuple[bool, int]]:
        """The statuses, each with whether the request began after the end of the instance."""
        found: list[tuple[bool, int]] = []
        while sum(later for later, _ in found) < 20:
            later = killed.poll() is not None
            await asyncio.sleep(later * PAUSE)
            found.append((later, await status(client)))
            if len(found) == 10:
                with suppress(ProcessLookupError):  # another client has killed it
                    os.killpg(killed.pid, signal.SIGKILL)
        return found

    async def run() -> list[list[tuple[bool, int]]]:
        async with httpx2.AsyncClient(base_url=proxied.proxy.url, timeout=60) as client:
            return await asyncio.gather(*(call(client) for _ in range(8)))

    for found in asyncio.run(run()):
        assert {answer for later, answer in found if later} == {200}
        assert [answer for _, answer in found if answer != 200] in ([], [502])


def test_an_instance_stops_without_a_failed_request(proxied: Proxied) -> None:
    """The last test of a proxy: one of three instances is left."""

    async def run() -> list[int]:
        statuses = []
        async with httpx2.AsyncClient(base_url=proxied.proxy.url, timeout=60) as client:
            for number in range(60):
                if number == 20:
                    proxied.instances[0].process.send_signal(signal.SIGTERM)
                if number == 40:
                    await asyncio.to_thread(proxied.instances[0].process.wait, 60)
                statuses.append((await client.get("/api/v1/items")).status_code)
        return statuses

    assert {*asyncio.run(run())} == {200}


@pytest.mark.parametrize("make", [caddy, nginx], ids=lambda make: make.__name__)
def test_a_prefix_can_be_stripped(
    make: Callable[..., list[str]], tmp_path: Path, environment: Environment
) -> None:
    """As `docs/proxy.md` describes: with `ROOT_PATH`, addresses in responses have the prefix."""
    project = generate(tmp_path, operations=(*EXAMPLES, Operation("extra", "proxy")))
    strip_prefix(project / "deploy" / "proxy")
    with (
        serve(project, environment, env={**SETTINGS, "ROOT_PATH": "/shop"}) as server,
        running(make, project, [server.port]) as proxy,
        httpx2.Client(base_url=proxy.url, timeout=60) as client,
    ):
        page = client.get("/shop/docs")
        (openapi,) = re.findall(r"url: '(.+?)'", page.text)
        item = {"name": "Lamp", "price": "1"}
        created = client.post("/shop/api/v1/items", json=item)

        assert openapi == "/shop/openapi.json"
        assert client.get(openapi).json()["servers"] == [{"url": "/shop"}]
        assert created.headers["location"] == f"/shop/api/v1/items/{created.json()['id']}"
        assert client.get(created.headers["location"]).json() == created.json()
        assert client.get("/shop/nothing").json()["code"] == "not_found"


def strip_prefix(folder: Path) -> None:
    path = folder / "Caddyfile"
    before, proxied, after = path.read_text("utf-8").partition("\treverse_proxy {")
    path.write_text(f"{before}\thandle_path /shop/* {{\n{proxied}{after.rstrip()}\n}}\n", "utf-8")
    path = folder / "nginx.conf"
    text = path.read_text("utf-8")
    there = "location / {\n            proxy_pass http://app;"
    assert there in text
    stripping = "location /shop/ {\n            proxy_pass http://app/;"
    path.write_text(text.replace(there, stripping), "utf-8")
