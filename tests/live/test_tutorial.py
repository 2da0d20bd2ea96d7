"""The tutorial, followed from its first command to its last one."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.live.server import Server, serve, until
from tests.live.test_database_page import insert
from tests.support import FASTGEN, ROOT

BLOCK = re.compile(r"^```(python|sh)\n(.+?)^```$", re.MULTILINE | re.DOTALL)
SHELL = f"""\
set -e
fastgen() {{ {" ".join(FASTGEN)} "$@"; }}
curl() {{ command curl --silent --fail-with-body --max-time 20 "$@"; echo; }}
uv() {{ case "$1" in run) shift; "$@" ;; sync) ;; *) false ;; esac; }}
"""
"""The environment of the tests has what `uv sync` would install."""
SERVER = "fastapi dev"
SOCKET = "websockets ws://"


class Reader:
    """Somebody who follows the tutorial."""

    def __init__(self, folder: Path, environment: Environment) -> None:
        self.project = folder / "shop"
        self._folder = folder
        self._environment = environment
        self._listening = ""

    def follow(self, page: str) -> str:
        """Do what the page says; what its commands have printed."""
        return "".join(self._results(page))

    def _results(self, page: str) -> Iterator[str]:
        for language, text in BLOCK.findall(page):
            if language == "python":
                file, _, block = text.removeprefix("# ").partition("\n")
                insert(self.project / file, block)
            elif SOCKET in text:
                self._listening = text
            elif "curl" in text or SERVER in text:
                yield self._call(text)
            else:
                yield self._run(text)

    def _run(self, script: str) -> str:
        """What commands print; they start where the reader is."""
        where = self.project if self.project.exists() else self._folder
        script = script.replace("cd shop\n", "")
        done = subprocess.run(
            ["sh", "-c", SHELL + script],
            cwd=where,
            env=self._environment.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{script}{done.stdout}"
        return done.stdout

    def _call(self, script: str) -> str:
        """What commands print that need the service, which has the code as it is now."""
        command = ("fastapi", "dev", "--no-reload", "--port", "{port}")
        with serve(self.project, self._environment, command) as server:
            if SERVER in script:
                return ""
            script = _at(server, script)
            return self._heard(server, script) if self._listening else self._run(script)

    def _heard(self, server: Server, script: str) -> str:
        """What a listener hears while commands run."""
        listen = _at(server, self._listening)
        heard, self._listening = self.project.parent / "heard", ""
        with heard.open("wb") as output:
            listener = subprocess.Popen(
                ["sh", "-c", SHELL + listen],
                cwd=self.project,
                env=self._environment.variables(),
                stdin=subprocess.PIPE,
                stdout=output,
            )
            with listener:
                until(lambda: b"presence" in heard.read_bytes())
                self._run(script)
                until(lambda: b"message" in heard.read_bytes())
                listener.terminate()
        return heard.read_text("utf-8")


def _at(server: Server, script: str) -> str:
    return script.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")


@pytest.fixture
def page() -> str:
    return (ROOT / "docs" / "tutorial.md").read_text("utf-8")


def test_the_tutorial(page: str, environment: Environment, tmp_path: Path) -> None:
    printed = Reader(tmp_path, environment).follow(page)

    assert '"quantity":2' in printed
    assert '"status":"succeeded"' in printed
    assert '"result":"Ann"' in printed
    assert "The order of Ann is ready." in printed
