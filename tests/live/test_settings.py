"""Settings of a generated project as people give them: files, variables, prefixes."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.environment import Environment
from tests.live.server import PRODUCTION, serve
from tests.support import generate

SHELL = {
    "ALLOWED_HOSTS": "shell.example",
    "allowed_origins": "https://shell.example",
    "DATABASE_URL": "postgresql://127.0.0.1:1/shell",
    "ENVIRONMENT": "production",
    "LOG_LEVEL": "ERROR",
    "MAX_BODY_BYTES": "1",
    "ROOT_PATH": "/shell",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("settings"))


@pytest.fixture(scope="module")
def project_with_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("settings"), patterns=["database", "auth"])


@pytest.fixture
def env_file(project: Path) -> Iterator[Path]:
    path = project / ".env"
    yield path
    path.unlink()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Zürich", "utf-16"), ("Zürich", "utf-16-le"), ("Bern", "utf-16-le"), ("Zürich", "latin-1")],
)
def test_an_env_file_that_is_not_utf8(
    project: Path, environment: Environment, env_file: Path, text: str, encoding: str
) -> None:
    env_file.write_bytes(f"CONTACT_NAME={text}\n".encode(encoding))

    result = environment.run("python", "-m", "app", cwd=project)

    assert result.code == 1
    assert result.err == f"`{env_file}` is not UTF-8 text. Save it as UTF-8.\n"


def test_all_settings_that_cannot_work_are_named_at_import(
    project: Path, environment: Environment
) -> None:
    bad = {
        "ALLOWED_HOSTS": "https://hunter2.example",
        "ALLOWED_ORIGINS": "https://hunter2.example/",
        "TRUSTED_PROXIES": "hunter2",
        "ROOT_PATH": "hunter2",
        "LOG_LEVEL": "hunter2",
    }

    variables = {"SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz", **bad}
    result = environment.run("python", "-c", "import app.main", cwd=project, env=variables)

    assert result.code == 1
    named = [line.partition(":")[0].strip() for line in result.err.splitlines()[1:-1]]
    assert sorted(named) == sorted(bad)
    assert "hunter2" not in result.err


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        (("python", "-m", "app"), {"ROOT_PATH": "/shop"}),
        (("uvicorn", "app.main:app", "--port={port}", "--root-path=/shop"), {}),
    ],
    ids=["python -m app", "uvicorn"],
)
def test_a_prefix_that_a_proxy_strips(
    project: Path, environment: Environment, command: Sequence[str], variables: dict[str, str]
) -> None:
    variables = {**PRODUCTION, **variables, "DOCS_ENABLED": "true"}
    with serve(project, environment, command, variables) as server:
        docs = urlopen(f"{server.url}/docs").read().decode()
        schema = json.load(urlopen(f"{server.url}/openapi.json"))
        item = json.dumps({"name": "Lamp", "price": "1"}).encode()
        request = Request(f"{server.url}/api/v1/items", item, {"Content-Type": "application/json"})
        location = urlopen(request).headers["Location"]

    assert "'/shop/openapi.json'" in docs or '"/shop/openapi.json"' in docs
    assert schema["servers"][0] == {"url": "/shop"}
    assert location == "/shop/api/v1/items/1"


def test_the_settings_of_the_shell_do_not_reach_the_tests(
    project: Path, environment: Environment
) -> None:
    result = environment.run("pytest", "-q", "-x", "tests/api", cwd=project, env=SHELL)

    assert result.code == 0, result.out


def test_rows_in_memory_are_the_only_reason_for_one_process(
    environment: Environment, tmp_path: Path
) -> None:
    project = generate(tmp_path, patterns=["streaming"])

    result = environment.run("python", "-m", "app", cwd=project, env={"WORKERS": "2"})

    (fault,) = re.findall("WORKERS: (.+)", result.err)
    assert fault == "must be 1, because rows are in the memory of one process"


@pytest.mark.parametrize("line", ["DOCS_ENABLED=false", "LOG_LEVEL=nonsense", "WORKERS=2"])
def test_the_env_file_does_not_reach_the_tests(
    project: Path, environment: Environment, env_file: Path, line: str
) -> None:
    env_file.write_text(f"{line}\n")

    result = environment.run("pytest", "-q", "tests/api/test_documentation.py", cwd=project)

    assert result.code == 0, result.out + result.err


def test_the_first_admin_without_a_terminal(
    project_with_users: Path, environment: Environment
) -> None:
    result = environment.run("python", "-m", "app.admin", cwd=project_with_users)

    assert result.code == 1
    lines = result.err.splitlines()
    assert lines[-1] == "Without a terminal, set FIRST_ADMIN_EMAIL and FIRST_ADMIN_PASSWORD."
    assert "Traceback" not in result.err
