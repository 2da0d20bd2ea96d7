"""Calls the application of the page, without a server."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx2

from fastgen.web.application import create_app
from fastgen.web.render_pool import Renders


def query(**parameters: str | Sequence[str]) -> str:
    """The query of a choice; without a name it is `shop`."""
    return urlencode({"name": "shop", **parameters}, doseq=True)


def get(path: str, parameters: str = "", **options: Any) -> httpx2.Response:
    """The response to one request."""
    return get_all([f"{path}?{parameters}"], **options)[0]


def get_all(
    urls: Sequence[str],
    *,
    renders: Renders | None = None,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    **options: Any,
) -> list[httpx2.Response]:
    """The responses to requests that are sent at the same time."""

    async def call() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(create_app(renders, **options))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await asyncio.gather(
                *(client.request(method, url, headers=headers) for url in urls)
            )

    return asyncio.run(call())
