"""Draws the page of `fastgen web`, for the README and its own page.

    .venv/bin/python -m docs.pictures.page

The page in a real browser: a choice is changed, so that new files are marked, and a file is read.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.live.browser import browsing, window
from tests.live.page_server import serve_page

HERE = Path(__file__).parent
CHOICE = "?name=shop&patterns=database,auth&router=orders:total:decimal:min=0;status:enum(new|paid)"
READY = "document.documentElement?.dataset.ready"
CHANGE = "document.getElementById('patterns-cache').click()"
FILES = "document.querySelector('.tabs [data-view=files]').click()"
READ = "[...document.querySelectorAll('#tree button')].find(e => e.dataset.path === '{}').click()"
FOLDER = "document.querySelector('summary[data-path=\"{}\"]')"


async def draw(page: str, browser: str, folder: Path) -> None:
    """Draw the page at the width of a laptop, light, and of a phone, dark."""
    for name, width, height, scheme in (
        ("page", 1280, 860, "light"),
        ("page-on-a-phone", 360, 740, "dark"),
    ):
        async with window(browser, f"{page}/{CHOICE}") as shown:
            await shown.look(width, height, scheme)
            await shown.wait_for(READY)
            await shown.run(CHANGE)
            await shown.shows("status", "new")
            for path in ("app/api", "app/api/v1", "app/cache"):
                await shown.wait_for(FOLDER.format(path))
                await shown.run(f"{FOLDER.format(path)}.parentElement.open = true")
            await asyncio.sleep(0.2)
            await shown.run(FILES)
            if width > 1000:
                await shown.run(READ.format("app/api/v1/orders.py"))
                await shown.shows("read-heading", "orders")
                await asyncio.sleep(0.3)
            (folder / f"{name}.png").write_bytes(await shown.picture())


def main(folder: Path = HERE) -> None:
    """Draw all pictures into a folder."""
    with TemporaryDirectory() as profile, serve_page() as page, browsing(Path(profile)) as browser:
        asyncio.run(draw(page, browser, folder))


if __name__ == "__main__":
    main()
