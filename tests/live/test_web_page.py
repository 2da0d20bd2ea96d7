"""The page of `fastgen web` in a real browser: choose, read, compare, mend a fault, download."""

import asyncio
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.live.browser import BROWSER, Window, browsing, window
from tests.live.page_server import serve_page
from tests.live.server import CLIENT

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")

READY = "document.documentElement?.dataset.ready"
FOCUSED = "document.activeElement.id || document.activeElement.dataset.path"
TYPED = "#choose input:not([type=checkbox], [type=radio]), #choose textarea"
SHIFT = 8
VIOLATIONS = """
axe.run().then(({ violations }) =>
  violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]))
"""
EXPECTED = "422 (Unprocessable"
"""What the browser logs of a response that the page asks for and explains."""


async def ready(page: Window) -> None:
    await page.send("Log.enable")
    await page.send("Runtime.enable")
    await page.wait_for(READY)


async def type_into(page: Window, element: str, text: str) -> None:
    await page.run(f"document.getElementById('{element}').focus()")
    await page.run(f"document.getElementById('{element}').select()")
    await page.send("Input.insertText", text=text)


def test_a_choice_is_made_read_and_downloaded(tmp_path: Path) -> None:
    async def use(url: str, browser: str) -> None:
        async with window(browser, url) as page:
            await ready(page)
            await type_into(page, "name", "shop")
            await page.shows("commands", "fastgen new shop --with database")
            await page.run("document.getElementById('patterns-auth').click()")
            await page.shows("commands", "--with database,auth")
            await page.shows("status", " new, ")
            assert await page.run("document.querySelectorAll('#tree .mark.new').length")

            await page.run("document.getElementById('add-router').click()")
            assert await page.run(FOCUSED) == "router-0-name"
            await page.run("document.getElementById('add-router').click()")
            await page.send("Input.insertText", text="class")
            await page.shows("router-1-name-fault", "cannot be the name of a resource")
            assert await page.run("!document.getElementById('download').href")
            assert await page.run("document.getElementById('copy-commands').disabled")
            await type_into(page, "router-1-name", "orders")
            await page.shows("commands", "fastgen add router orders --field name:str:max=80")
            assert not await page.run("document.getElementById('copy-commands').disabled")
            await type_into(page, "router-1-fields-0", "note")
            await page.shows("commands", "fastgen add router orders --field note:str")
            assert (
                await page.run("document.querySelectorAll('#choose .fault:not(#fault)').length")
                == 0
            )

            await page.run(
                "document.querySelector('[aria-label=\"Difference that auth makes\"]').click()"
            )
            await page.shows("content", "files changed")
            await page.run("document.querySelector('#content .paths button').click()")
            await page.shows("content", "\n")
            assert await page.run("document.querySelectorAll('#content code span').length")

            link = await page.run("document.getElementById('download').href")
            choice = await page.run("location.href")
            assert page.errors == [error for error in page.errors if EXPECTED in error]
        async with window(browser, choice) as page:  # the link holds the choice
            await ready(page)
            assert await page.run("document.getElementById('router-0-fields-0').value") == "note"
            assert await page.run("document.getElementById('download').href") == link
            assert page.errors == []
        with ZipFile(BytesIO(CLIENT.get(link).content)) as archive:
            assert "shop/app/api/v1/orders.py" in archive.namelist()

    with serve_page() as url, browsing(tmp_path) as browser:
        asyncio.run(use(url, browser))


async def tab_to(page: Window, target: str, modifiers: int = 0) -> None:
    """Press Tab until an element has the focus, which is a few dozens of times at most."""
    for _ in range(100):
        await page.press("Tab", modifiers=modifiers)
        if await page.run(FOCUSED) == target:
            return
    raise AssertionError(f"{target} cannot be reached")


async def choose_by_keyboard(page: Window) -> None:
    await tab_to(page, "patterns-cache")
    await page.press(" ", text=" ")
    await page.shows("commands", "--with cache")
    await tab_to(page, "add-router")
    await page.press("Enter", text="\r")
    await page.send("Input.insertText", text="orders")
    for key in ("Tab", "Tab", "Tab"):
        await page.press(key)
    await page.press(" ", text=" ")  # the rows are not owned
    await page.press("Tab")
    await page.send("Input.insertText", text="note")
    await page.shows("commands", "router orders --field note:str --not-owned")


async def read_by_keyboard(page: Window) -> None:
    await tab_to(page, ".fastgen")
    await page.press("ArrowDown")
    await page.press("ArrowDown")
    assert await page.run(FOCUSED) == "app"
    await page.press("ArrowDown")
    await page.press("ArrowRight")
    await page.press("ArrowRight")
    assert str(await page.run(FOCUSED)).startswith("app/api/")


def test_it_works_by_keyboard_and_on_a_phone(tmp_path: Path) -> None:
    async def use(url: str, browser: str) -> None:
        async with window(browser, f"{url}/?name=shop&patterns=none") as page:
            await page.look(1280, 800)
            await ready(page)
            await choose_by_keyboard(page)
            await read_by_keyboard(page)
            await tab_to(page, "download", SHIFT)
            assert "not_owned=orders" in await page.run("document.activeElement.href")

            await page.look(360, 740)
            for view in ("choose", "files", "read"):
                await page.run(f"document.querySelector('.tabs [data-view={view}]').click()")
                assert await page.run("document.documentElement.scrollWidth") == 360
                assert await page.run(f"document.getElementById('{view}').scrollWidth") <= 360
            assert page.errors == []

    with serve_page() as url, browsing(tmp_path) as browser:
        asyncio.run(use(url, browser))


def test_what_is_wrong_in_a_link_can_be_mended_on_the_page(tmp_path: Path) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    link = (
        "name=shop&patterns=queue,nothing&queue=nobody&extras=none-such&router=orders:a:bool:min=3"
    )

    async def use(url: str, browser: str) -> None:
        async with window(browser, f"{url}/?{link}") as page:
            await ready(page)
            await page.shows("status", "3 faults")
            await page.run("document.getElementById('patterns-nothing').click()")
            await page.shows("queue-fault", "nobody")
            seen = (
                "[...document.querySelectorAll('#choose .fault')].filter((one) => one.offsetParent)"
            )
            assert await page.run(f"{seen}.length") == 3
            await page.run(axe)
            assert await page.run(VIOLATIONS) == []
            for element in ("queue-procrastinate", "extras-none-such"):
                await page.run(f"document.getElementById('{element}').click()")
            await page.run("document.querySelector('.one .more input:not([type])').select()")
            await page.run("document.querySelector('.one .more input:not([type])').focus()")
            await page.press("Delete")
            await page.shows("commands", "fastgen add router orders --field a:bool")

    with serve_page() as url, browsing(tmp_path) as browser:
        asyncio.run(use(url, browser))


def test_a_download_has_what_was_typed_just_before(tmp_path: Path) -> None:
    click = """
    document.addEventListener("click", (event) => {
      if (!event.defaultPrevented && event.target.href) window.downloaded = event.target.href;
      event.preventDefault();
    });
    const field = document.getElementById("name");
    field.value = "store";
    field.dispatchEvent(new Event("input"));
    document.getElementById("download").click();
    """

    async def use(url: str, browser: str) -> None:
        async with window(browser, f"{url}/?name=shop") as page:
            await ready(page)
            await page.run(click)
            await page.wait_for("window.downloaded")
            assert "name=store" in await page.run("window.downloaded")

    with serve_page() as url, browsing(tmp_path) as browser:
        asyncio.run(use(url, browser))


def test_a_page_without_its_server_says_so(tmp_path: Path) -> None:
    async def use(url: str, browser: str) -> None:
        async with window(browser, f"{url}/health") as page:
            await page.send("Network.enable")
            await page.send("Network.setBlockedURLs", urls=["*/offer"])
            await page.send("Page.navigate", url=url)
            await page.shows("fault", "The server does not answer.")
            await page.send("Network.setBlockedURLs", urls=["*/preview*"])
            await page.send("Page.navigate", url=f"{url}/?name=shop")
            await page.wait_for(READY)
            await page.shows("fault", "The server does not answer.")
            assert not await page.run("document.getElementById('download').href")

    with serve_page() as url, browsing(tmp_path) as browser:
        asyncio.run(use(url, browser))


def test_the_address_holds_the_choice_after_going_back(tmp_path: Path) -> None:
    async def use(url: str, browser: str) -> None:
        async with window(browser, f"{url}/?name=shop") as page:
            await page.look(1280, 800)
            await ready(page)
            await page.run("document.querySelector('.skip').click()")
            assert await page.run(FOCUSED) == "files"
            await type_into(page, "name", "store")
            await page.shows("commands", "fastgen new store")
            await page.run("addEventListener('popstate', () => (window.wentBack = true))")
            await page.run("history.back()")
            await page.wait_for("window.wentBack")
            assert "name=store" in await page.run("location.href")

    with serve_page() as url, browsing(tmp_path) as browser:
        asyncio.run(use(url, browser))


def test_hostile_text_is_text(tmp_path: Path) -> None:
    hostile = "<img src=x onerror=document.title=1>\"'`${1}`"

    async def use(url: str, browser: str) -> None:
        field = "a:enum(new|paid):default=new;b:str:min=1:max=2:not=c"
        async with window(browser, f"{url}/?name=shop&router=orders:{field}") as page:
            await ready(page)
            fields = await page.run(f"document.querySelectorAll('{TYPED}').length")
            assert fields == 14
            for number in range(fields):
                await page.run(f"document.querySelectorAll('{TYPED}')[{number}].select()")
                await page.run(f"document.querySelectorAll('{TYPED}')[{number}].focus()")
                await page.send("Input.insertText", text=hostile)
            await page.shows("router-0-name-fault", "<img")
            await page.shows("name-fault", "<img")
            assert await page.run("document.querySelectorAll('img[onerror]').length") == 0
            assert await page.run("document.title") == "fastgen"
            assert page.errors == [error for error in page.errors if EXPECTED in error]

    with serve_page() as url, browsing(tmp_path) as browser:
        asyncio.run(use(url, browser))


def test_axe_finds_no_violation(tmp_path: Path) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")

    async def use(url: str, browser: str) -> None:
        choice = "name=class&patterns=auth&router=orders:total:decimal:min=0"
        for width, scheme in ((1280, "light"), (360, "dark")):
            async with window(browser, f"{url}/?{choice}") as page:
                await page.look(width, 800, scheme)
                await ready(page)
                await page.run(axe)
                await page.shows("name-fault", "Python uses that name")
                assert await page.run(VIOLATIONS) == []
                await type_into(page, "name", "shop")
                await page.shows("commands", "fastgen new shop")
                await page.run("document.querySelector('.tabs [data-view=files]').click()")
                assert await page.run(VIOLATIONS) == []
                await page.run(
                    "document.querySelector('[aria-label=\"Difference that auth makes\"]').click()"
                )
                await page.shows("content", "files changed")
                await page.run("document.querySelector('.tabs [data-view=read]').click()")
                assert await page.run(VIOLATIONS) == []

    with serve_page() as url, browsing(tmp_path) as browser:
        asyncio.run(use(url, browser))
