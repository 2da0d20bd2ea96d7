"""The page of a project in a real browser: two windows see what is said in either."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.environment import Environment
from tests.live.server import free_port, serve
from tests.live.test_server import until
from tests.support import generate

BROWSER = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
SUBMIT = "document.getElementById('{form}').requestSubmit()"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[str]:
    """Where a browser without a window listens for commands."""
    if BROWSER is None:
        pytest.skip("there is no Chromium")
    port = free_port()
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'p'}"]
    process = subprocess.Popen(
        [BROWSER, *flags, f"--remote-debugging-port={port}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx2.get(f"{url}/json/version").status_code == 200
        except httpx2.HTTPError:
            return False

    until(answers)
    yield url
    process.kill()
    process.wait()


class Window:
    """A page, by the protocol of the browser's developer tools."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = count(1)

    async def run(self, script: str) -> Any:
        """The value of a script."""
        number = next(self._numbers)
        call = {"expression": script, "awaitPromise": True, "returnByValue": True}
        await self._connection.send(
            json.dumps({"id": number, "method": "Runtime.evaluate", "params": call})
        )
        while (answer := json.loads(await self._connection.recv())).get("id") != number:
            pass
        return answer["result"]["result"].get("value")

    async def shows(self, element: str, text: str) -> None:
        """Wait until an element has a text."""
        async with asyncio.timeout(60):
            script = f"document.getElementById('{element}')?.textContent ?? ''"
            while text not in await self.run(script):
                await asyncio.sleep(0.05)


def test_two_windows_see_each_other(browser: str, tmp_path: Path, environment: Environment) -> None:
    project = generate(tmp_path, patterns=("streaming", "websockets"))

    async def run(url: str) -> None:
        pages = [
            httpx2.put(f"{browser}/json/new?{url}/playground").json()["webSocketDebuggerUrl"]
            for _ in range(2)
        ]
        async with connect(pages[0]) as first, connect(pages[1]) as second:
            one, other = Window(first), Window(second)
            for window in (one, other):
                await window.shows("state", "Ready.")
                await window.run(SUBMIT.format(form="enter"))
                await window.shows("members", "guest-")
                await window.run(SUBMIT.format(form="follow"))
            await one.shows("members", ", ")
            await one.run("document.querySelector('#say input').value = 'hello <b>you</b>'")
            await one.run(SUBMIT.format(form="say"))
            for window in (one, other):
                await window.shows("messages", ": hello <b>you</b>")
            await asyncio.sleep(0.5)
            await other.run(SUBMIT.format(form="publish"))
            for window in (one, other):
                await window.shows("frames", 'data: {"text":"hello"}')

    with serve(project, environment) as server:
        asyncio.run(run(server.url))
