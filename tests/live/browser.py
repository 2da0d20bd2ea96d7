"""A browser without a window, by the protocol of its developer tools."""

import asyncio
import base64
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from websockets.asyncio.client import ClientConnection, connect

from tests.live.server import CLIENT, free_port, until

BROWSER = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)


@contextmanager
def browsing(profile: Path) -> Iterator[str]:
    """Where a browser listens for commands; it keeps its files in a folder."""
    assert BROWSER
    port = free_port()
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        [BROWSER, *flags, f"--remote-debugging-port={port}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return CLIENT.get(f"{url}/json/version").status_code == 200
        except httpx2.HTTPError:
            return False

    try:
        until(answers)
        yield url
    finally:
        process.kill()
        process.wait()


class CommandFailed(Exception):
    """The browser refused a command, as it does while a page is being loaded."""


class Window:
    """A page."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = count(1)
        self.errors: list[str] = []
        """Errors of scripts, and violations of the policy, once `Log.enable` was sent."""

    async def send(self, method: str, **params: Any) -> Any:
        """The result of a command of the protocol."""
        number = next(self._numbers)
        await self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(await self._connection.recv())).get("id") != number:
            if answer.get("method") == "Log.entryAdded":
                entry = answer["params"]["entry"]
                self.errors += [entry["text"]] if entry["level"] == "error" else []
            if answer.get("method") == "Runtime.exceptionThrown":
                self.errors.append(json.dumps(answer["params"]["exceptionDetails"]))
        if "error" in answer:
            raise CommandFailed(answer["error"]["message"])
        return answer["result"]

    async def run(self, script: str) -> Any:
        """The value of a script."""
        result = await self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def wait_for(self, script: str) -> None:
        """Wait until a script has a true value, also while the page is being loaded."""
        async with asyncio.timeout(60):
            while True:
                with suppress(CommandFailed):
                    if await self.run(f"Boolean({script})"):
                        return
                await asyncio.sleep(0.05)

    async def shows(self, element: str, text: str) -> None:
        """Wait until an element has a text."""
        content = f"document.getElementById('{element}')?.textContent ?? ''"
        await self.wait_for(f"({content}).includes({json.dumps(text)})")

    async def press(self, key: str, *, text: str = "", modifiers: int = 0) -> None:
        """Press a key, such as `Tab`; `text` is what it types."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40, "ArrowRight": 39, "Delete": 46}
        press = {"key": key, "windowsVirtualKeyCode": codes.get(key, 0), "modifiers": modifiers}
        down = {"type": "keyDown" if text else "rawKeyDown", **press}
        await self.send("Input.dispatchKeyEvent", **down, **({"text": text} if text else {}))
        await self.send("Input.dispatchKeyEvent", type="keyUp", **press)

    async def look(self, width: int, height: int, scheme: str = "light") -> None:
        """Take the size of a screen, and the colours that a user prefers; nothing moves."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        preferred = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in preferred.items()]
        await self.send("Emulation.setEmulatedMedia", features=features)

    async def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode((await self.send("Page.captureScreenshot"))["data"])


@asynccontextmanager
async def window(browser: str, url: str) -> AsyncIterator[Window]:
    """A new page at a URL."""
    page = CLIENT.put(f"{browser}/json/new?{quote(url)}").json()["webSocketDebuggerUrl"]
    async with connect(page, max_size=None, ping_interval=None) as connection:
        yield Window(connection)
