"""The commands and the example of `docs/websockets.md`, followed word for word."""

import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.environment import Environment
from tests.live.server import Server, serve
from tests.live.test_database_page import follow_python
from tests.live.test_page_commands import FAILING, blocks
from tests.support import generate

MESSAGE = '{"type": "message", "text": "hi"}\n'
HOST = "127.0.0.1:8000"
ITEMS = "/api/v1/items"


@pytest.mark.parametrize("patterns", [("websockets",), ("auth", "websockets")], ids="-".join)
def test_the_commands(patterns: tuple[str, ...], environment: Environment, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=patterns)
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    follow_python(project, "websockets", environment)
    environment.migrate(project, variables)
    plain, by_ticket = blocks(project, "websockets")
    has_users = "auth" in patterns
    commands = blocks(project, "auth")[0] + by_ticket if has_users else plain

    with serve(project, environment, env=variables) as server:
        script = commands.replace(HOST, f"127.0.0.1:{server.port}").replace("uv run ", "")
        shell = subprocess.Popen(
            ["timeout", "60", "sh", "-c", FAILING + script],
            cwd=tmp_path,
            env=environment.variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert shell.stdin is not None
        assert shell.stdout is not None
        with shell, shell.stdin, shell.stdout:
            shell.stdin.write(MESSAGE)
            shell.stdin.flush()
            assert any('"text":"hi"' in line for line in shell.stdout)
            if not has_users:
                announce(server)
                assert any("Lamp is on sale." in line for line in shell.stdout)


def announce(server: Server) -> None:
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        path = client.post(ITEMS, json={"name": "Lamp", "price": "12.50"}).headers["Location"]
        assert client.post(f"{path}/announcement").status_code == 204
