"""The commands of the pages in `docs/` work in order, word for word."""

import re
import subprocess
from pathlib import Path

import pytest

from fastgen.project.patterns import names
from tests.environment import Environment
from tests.live.server import serve
from tests.support import generate

BLOCK = re.compile(r"^```sh\n(.+?)^```$", re.MULTILINE | re.DOTALL)
CURL = "curl --silent --fail-with-body --max-time 60"
FAILING = f'set -e\ncurl() {{ command {CURL} "$@"; }}\n'
"""Makes the shell stop at the first command that fails, and curl fail for an error."""
WORKING = "http://127.0.0.1:8000"
FOLLOWING = "{} > events &\nuntil grep -q open events; do sleep 0.1; done\n"
"""What another terminal does: the command that follows a topic, as a process that can be killed."""
UNFOLLOW = "until grep -q hello events; do sleep 0.1; done\nkill $!\n"


def blocks(project: Path, page: str) -> list[str]:
    """The commands of a page."""
    return BLOCK.findall((project / "docs" / f"{page}.md").read_text("utf-8"))


@pytest.mark.parametrize("patterns", [names(), ("streaming",)], ids=lambda found: found[-1])
def test_the_commands(patterns: tuple[str, ...], environment: Environment, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=patterns)
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    environment.migrate(project, variables)
    pages = [page for page in ("queue", "streaming") if page in patterns]
    commands = [block for page in pages for block in blocks(project, page)]
    follow = next(index for index, block in enumerate(commands) if "/events/news\n" in block)
    commands[follow] = FOLLOWING.format(
        commands[follow].rstrip().replace("curl", f"exec {CURL}", 1)
    )
    if "auth" in patterns:
        *first, logout = blocks(project, "auth")
        commands = [*first, *commands, logout]
    with serve(project, environment, env=variables) as server:
        script = FAILING + "".join(commands).replace(WORKING, server.url) + UNFOLLOW
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=tmp_path,
            env=environment.variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert (tmp_path / "export.csv").read_text("utf-8").startswith("id,")
