"""All that a project with all patterns documents, tried by who knows nothing but the document."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from fastgen.project.patterns import names
from tests.environment import Environment
from tests.live.server import CLIENT, Server, serve
from tests.matrix.callers import AUTH, FIRST_ADMIN, sign_in
from tests.services import POSTGRESQL, REDIS
from tests.support import generate

SETTINGS = {
    **FIRST_ADMIN,
    "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
    # What is tried is the API, not how long somebody may try.
    "ACCESS_TOKEN_TTL_SECONDS": "7200",
    "LOGIN_FAILURES": "100000/minute",
    "LOGIN_FAILURES_PER_IP": "100000/minute",
    "LOGIN_FAILURES_PER_ACCOUNT": "100000/minute",
    "REGISTRATIONS_PER_IP": "100000/minute",
    "ARGON2_MEMORY_KIB": "8",
    "ARGON2_TIME_COST": "1",
    "REDIS_TIMEOUT_SECONDS": "2",
}
NOT_TRIED = ("follow_topic", "log_out", "delete_me")
"""A stream without an end, and what ends the caller: each is called once, by hand."""

CONFIGURATION = """
# That what fits the schema is accepted. No schema can say that of two dates one comes first, that a
# cursor is one of ours, that nobody else was faster, or that a password is too common.
[checks.positive_data_acceptance]
enabled = false

# These could be ids of their neighbours, whose methods say 422 to them.
[[operations]]
include-operation-id = [
    "list_items_by_cursor", "export_items_csv", "export_items_jsonl", "read_me", "list_dead_tasks",
]
checks.unsupported_method.enabled = false

# In a form all is text, and a field that is empty is one that is not there; the same schema is for
# both.
[[operations]]
include-operation-id = ["send_feedback", "import_feedback"]
checks.negative_data_rejection.enabled = false
"""


@dataclass(frozen=True)
class Caller:
    headers: dict[str, str]
    examples: int
    """Of each operation, at most."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, environment: Environment) -> Iterator[Server]:
    project = generate(tmp_path_factory.mktemp("everything"), patterns=names())
    with POSTGRESQL.database(environment) as name, REDIS.keys(environment) as prefix:
        settings = {
            **SETTINGS,
            "DATABASE_URL": f"{POSTGRESQL.url}{name}",
            "REDIS_URL": REDIS.url,
            "REDIS_PREFIX": prefix,
            "REDIS_TIMEOUT_SECONDS": "20",  # what is slow on a busy machine is not silent
            "QUEUE_IN_PROCESS": "true",
        }
        environment.migrate(project, settings)
        environment.make_admin(project, settings)
        with serve(project, environment, env=settings) as server:
            yield server


@pytest.fixture(params=["admin", "user", "nobody"])
def caller(request: pytest.FixtureRequest, server: Server) -> Caller:
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        if request.param == "nobody":
            return Caller({}, examples=5)
        if request.param == "admin":
            return Caller(sign_in(client), examples=15)
        return Caller(bearer(new_user(client)), examples=15)


def new_user(client: httpx2.Client) -> dict[str, str]:
    """The tokens of somebody who was not there before."""
    email = f"user-{uuid4().hex}@example.com"
    user = {"email": email, "password": FIRST_ADMIN["FIRST_ADMIN_PASSWORD"]}
    assert client.post(f"{AUTH}/register", json=user).status_code == 201
    form = {"username": email, "password": user["password"]}
    tokens: dict[str, str] = client.post(f"{AUTH}/token", data=form).json()
    return tokens


def bearer(tokens: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_it_does_what_its_document_says(server: Server, caller: Caller, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            f"--config-file={tmp_path / 'schemathesis.toml'}",
            "run",
            f"{server.url}/openapi.json",
            "--seed=1",
            "--generation-database=none",
            f"--max-examples={caller.examples}",
            "--request-timeout=60",
            "--continue-on-failure",
            "--no-color",
            *(f"--exclude-operation-id={name}" for name in NOT_TRIED),
            *(f"--header={name}:{value}" for name, value in caller.headers.items()),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )

    assert done.returncode == 0, done.stdout[done.stdout.find("= FAILURES") :] + done.stderr
    assert "Traceback" not in server.output


def test_excluded_routes_work(server: Server) -> None:
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        document = client.get("/openapi.json").json()["paths"]
        names = {each["operationId"] for methods in document.values() for each in methods.values()}
        tokens, others = new_user(client), new_user(client)
        with client.stream("GET", "/api/v1/events/news", headers=bearer(tokens)) as stream:
            first = next(stream.iter_bytes())
        out = client.post(
            f"{AUTH}/logout",
            headers=bearer(tokens),
            json={"refresh_token": tokens["refresh_token"]},
        )
        gone = client.delete("/api/v1/users/me", headers=bearer(others))

    assert names >= {*NOT_TRIED}
    assert (stream.status_code, first) == (200, b": open\n\n")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert [out.status_code, gone.status_code] == [204, 204]


def test_the_scopes_are_those_of_the_routes(server: Server) -> None:
    document = CLIENT.get(f"{server.url}/openapi.json").json()
    flow = document["components"]["securitySchemes"]["Password"]["flows"]["password"]

    parts = ("items", "events", "files", "completions", "tasks")
    ways = {f"{part}:{way}" for part in parts for way in ("read", "write")}
    assert set(flow["scopes"]) == {*ways, "admin"} - {"completions:read"}
