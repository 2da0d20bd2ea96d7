"""Tasks that have finished."""

from typing import Any

from httpx2 import AsyncClient, Response

from tests.waiting import until


async def finished(client: AsyncClient, accepted: Response) -> dict[str, Any]:
    """The task of a response, when it has finished."""

    async def look() -> dict[str, Any] | None:
        task: dict[str, Any] = (await client.get(accepted.headers["location"])).json()
        return task if task["status"] not in ("queued", "running") else None

    found: dict[str, Any] = await until(look)
    return found
