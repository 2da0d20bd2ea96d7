"""The commands of `docs/auth.md` work in order, word for word, and so do its other instructions."""

import base64
import json
import re
import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from fastgen.project.patterns import names
from tests.environment import Environment
from tests.live.server import Server, serve
from tests.live.test_database_page import add_examples, follow_python, insert
from tests.live.test_page_commands import FAILING, WORKING, blocks
from tests.support import generate

AUTH = "/api/v1/auth"
EMAIL, NEW_PASSWORD = "ann@example.com", "another tall ship"
COLOR = re.compile(r"\x1b\[[0-9;]*m")
ACCESS = "tests/architecture/test_access.py"
TESTS = (
    "test_api_keys_need_more_than_read_scopes_for_changes",
    "test_no_response_can_contain_a_secret",
)
WITHOUT_SCHEMA = '''
@router.post("/{item_id}/note")
async def note_item(item_id: ItemId, items: ItemWrites) -> None:
    """Note it."""
'''
CODE = re.compile(r"code=\S*?(eyJ[\w.-]+)")


def reset_token(server: Server) -> str:
    """The token that was logged, after the response."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := CODE.search(COLOR.sub("", server.output)):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(server.output)


def run(script: str, cwd: Path, environment: Environment) -> str:
    done = subprocess.run(
        ["sh", "-c", FAILING + script],
        cwd=cwd,
        env=environment.variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return generate(tmp_path, patterns=("database", "auth"))


def test_access_of_the_examples_of_all_pages(environment: Environment, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=names())
    insert(project / "app/api/v1/items.py", WITHOUT_SCHEMA)
    for page in ("auth", "queue", "streaming", "websockets"):
        add_examples(project, page)

    paths = ["tests/api/test_item_total.py", *(f"{ACCESS}::{test}" for test in TESTS)]
    result = environment.run("pytest", "-q", *paths, cwd=project)

    assert result.code == 0, result.out


def test_the_examples(project: Path, environment: Environment) -> None:
    follow_python(project, "auth", environment)


def test_the_commands(project: Path, environment: Environment) -> None:
    variables = {"DATABASE_URL": f"sqlite:///{project / 'own.db'}"}
    environment.migrate(project, variables)
    commands = blocks(project, "auth")
    (keys,) = [block for block in commands if "openssl" in block]

    # The key is made first, so that the service signs with it.
    name, _, key = run(keys, project, environment).strip().partition("=")
    signing = {**variables, name: key, "JWT_ALGORITHM": "EdDSA"}
    with (
        serve(project, environment, env=signing) as server,
        httpx2.Client(base_url=server.url, timeout=60) as client,
    ):
        last = (
            "\ncurl --header \"Authorization: Bearer $token\" $api/users/me; printf '\\n%s' $token"
        )
        script = "".join(commands).replace(WORKING, server.url) + last
        token = run(script, project, environment).splitlines()[-1]
        head = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
        (public,) = client.get("/.well-known/jwks.json").json()["keys"]
        assert head == {"alg": "EdDSA", "typ": "JWT", "kid": public["kid"]}

        body = {"token": reset_token(server), "new_password": NEW_PASSWORD}
        assert client.post(f"{AUTH}/password/reset", json=body).status_code == 204
        form = {"username": EMAIL, "password": NEW_PASSWORD}
        assert client.post(f"{AUTH}/token", data=form).status_code == 200
