"""The page of a project in a real browser: two windows see what is said in either."""

import asyncio
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.live.browser import BROWSER, browsing, window
from tests.live.server import serve
from tests.support import generate

SUBMIT = "document.getElementById('{form}').requestSubmit()"


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_two_windows_see_each_other(tmp_path: Path, environment: Environment) -> None:
    project = generate(tmp_path, patterns=("streaming", "websockets"))

    async def run(url: str) -> None:
        page = f"{url}/playground"
        with browsing(tmp_path / "profile") as browser:
            async with window(browser, page) as one, window(browser, page) as other:
                for each in (one, other):
                    await each.shows("state", "Ready.")
                    await each.run(SUBMIT.format(form="enter"))
                    await each.shows("members", "guest-")
                    await each.run(SUBMIT.format(form="follow"))
                    await each.shows("state", "Following.")
                await one.shows("members", ", ")
                await one.run("document.querySelector('#say input').value = 'hello <b>you</b>'")
                await one.run(SUBMIT.format(form="say"))
                for each in (one, other):
                    await each.shows("messages", ": hello <b>you</b>")
                await other.run(SUBMIT.format(form="publish"))
                for each in (one, other):
                    await each.shows("frames", 'data: {"text":"hello"}')

    with serve(project, environment) as server:
        asyncio.run(run(server.url))
