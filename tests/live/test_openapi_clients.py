"""The OpenAPI document of the fullest project is clean for linters, and clients made of it work."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import uv

from tests.environment import CACHE, Environment
from tests.live.server import CLIENT, Server, serve
from tests.matrix.combinations import ALL
from tests.services import missing
from tests.support import generate

CLIENTS = Path(__file__).parent / "clients"
NODE_PACKAGES = (
    "@redocly/cli@2.77.0",
    "@stoplight/spectral-cli@6.16.3",
    "openapi-fetch@0.17.0",
    "openapi-typescript@7.13.0",
    "typescript@5.9.3",
)
PYTHON_PACKAGES = ("openapi-python-client==0.29.1",)


def run(folder: Path, command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


def installed(packages: Sequence[str], install: Callable[[Path], None]) -> Path:
    """A folder of the cache with these packages; they are installed once."""
    key = hashlib.sha256(repr(packages).encode()).hexdigest()[:16]
    folder = CACHE / f"tools-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            install(folder)
            (folder / "complete").touch()
    return folder


@pytest.fixture(scope="module")
def node() -> Path:
    """The folder with `node_modules`."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed")
        raise AssertionError

    def install(folder: Path) -> None:
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        run(folder, [npm, "install", "--no-audit", "--no-fund", *NODE_PACKAGES])

    return installed(NODE_PACKAGES, install)


@pytest.fixture(scope="module")
def python() -> Path:
    """The folder of a virtual environment."""

    def install(folder: Path) -> None:
        tool = uv.find_uv_bin()
        run(folder, [tool, "venv", "--quiet", "--clear", "."])
        own = folder / "bin" / "python"
        run(folder, [tool, "pip", "install", "--quiet", f"--python={own}", *PYTHON_PACKAGES])

    return installed(PYTHON_PACKAGES, install)


@pytest.fixture(scope="module")
def server(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    project = generate(tmp_path_factory.mktemp("clients"), patterns=ALL[-1])
    environment.migrate(project)
    with serve(project, environment) as server:
        yield server


@pytest.fixture
def document(server: Server, tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_text(CLIENT.get(f"{server.url}/openapi.json").raise_for_status().text)
    return path


def test_linters_find_no_error(node: Path, document: Path) -> None:
    programs = node / "node_modules" / ".bin"
    ruleset = document.with_name("spectral.yaml")
    ruleset.write_text('extends: ["spectral:oas"]\n')

    run(document.parent, [programs / "spectral", "lint", document, "--ruleset", ruleset])
    run(document.parent, [programs / "redocly", "lint", document, "--extends=recommended"])


def test_a_client_in_typescript(node: Path, document: Path, server: Server) -> None:
    folder, programs = document.parent, node / "node_modules" / ".bin"
    (folder / "node_modules").symlink_to(node / "node_modules")
    shutil.copy(node / "package.json", folder)
    shutil.copy(CLIENTS / "main.ts", folder)
    options = ["--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck"]

    schema = ["--output", "schema.d.ts", "--default-non-nullable", "false"]
    run(folder, [programs / "openapi-typescript", document, *schema])
    run(folder, [programs / "tsc", *options, "main.ts"])
    run(folder, ["node", "main.js", server.url])


def test_a_client_in_python(python: Path, document: Path, server: Server) -> None:
    folder, programs = document.parent, python / "bin"
    shutil.copy(CLIENTS / "main.py.txt", folder / "main.py")
    output = ["--output-path", "shop_client", "--meta", "none"]

    run(folder, [programs / "openapi-python-client", "generate", "--path", document, *output])
    run(folder, [programs / "python", "main.py", server.url])
