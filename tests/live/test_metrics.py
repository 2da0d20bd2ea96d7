"""The extra `metrics` in a service of two processes, scraped and parsed as Prometheus does."""

import json
import random
import socket
import string
from pathlib import Path

from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment
from tests.live.server import CLIENT, Server, serve, until
from tests.services import POSTGRESQL
from tests.support import generate

METRICS = (*EXAMPLES, Operation("extra", "metrics"))
COUNT = 10_000
MAX_PIPELINED = 100
"""The server closes a connection that has more requests under way."""
# The parser is in the environment of projects.
PARSE = """
import json, sys
from prometheus_client.parser import text_string_to_metric_families

print(json.dumps([
    [sample.name, sample.labels, sample.value]
    for family in text_string_to_metric_families(open(sys.argv[1]).read())
    for sample in family.samples
]))
"""


def test_two_processes_are_one_service_whatever_paths_clients_make_up(
    environment: Environment, tmp_path: Path
) -> None:
    project = generate(tmp_path, patterns=("database",), operations=METRICS)
    (tmp_path / "metrics").mkdir()
    with POSTGRESQL.database(environment) as database:
        settings = {
            "DATABASE_URL": f"{POSTGRESQL.url}{database}",
            "WORKERS": "2",
            "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
            "ACCESS_LOG": "false",
        }
        environment.migrate(project, settings)
        with serve(project, environment, env=settings) as server:
            until(lambda: server.output.count("Application startup complete") == 2)
            for number in range(COUNT // MAX_PIPELINED):
                request_made_up_paths(server, MAX_PIPELINED, seed=number)
            for _ in range(20):
                CLIENT.get(f"{server.url}/api/v1/items")
            text = CLIENT.get(f"{server.url}/metrics").text
    (tmp_path / "scraped").write_text(text, "utf-8")
    parsed = environment.run_code(PARSE, str(tmp_path / "scraped"), cwd=tmp_path)
    samples = json.loads(parsed.out)

    counted = {tuple(labels.values()): n for name, labels, n in samples if name.endswith("_total")}
    assert counted == {
        ("GET", "unmatched", "404"): COUNT / 2,
        ("other", "unmatched", "404"): COUNT / 2,
        ("GET", "/api/v1/items", "200"): 20,
    }
    assert len({*(tmp_path / "metrics").glob("counter_*")}) == 2
    assert len(samples) < 100


def request_made_up_paths(server: Server, count: int, seed: int) -> None:
    """Requests over one connection; every second one has a method that no route has."""
    chance = random.Random(seed)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        responses = connection.makefile("rb")
        for number in range(count):
            method = "GET" if number % 2 else "PROPFIND"
            path = "".join(chance.choices(string.ascii_letters + "/", k=12))
            last = "Connection: close\r\n" if number == count - 1 else ""
            request = f"{method} /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{last}\r\n"
            connection.sendall(request.encode())
        assert responses.read().count(b"HTTP/1.1 404 ") == count
