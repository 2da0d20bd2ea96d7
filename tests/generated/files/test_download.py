"""A file may be deleted while its download starts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from app.core.errors import NotFound
from app.files.download import Download

RANGE = [(b"range", b"bytes=0-1"), (b"range", b"bytes=0-1,4-5")]


async def receive() -> Any:
    return await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("headers", [[], RANGE[:1], RANGE[1:]], ids=["whole", "part", "parts"])
@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after its size was read"])
async def test_deleted(
    tmp_path: Path, headers: list[tuple[bytes, bytes]], *, is_late: bool
) -> None:
    path = tmp_path / "id" / "content"
    path.parent.mkdir()
    path.write_bytes(b"0123456789")
    response = Download(path, stat_result=path.stat() if is_late else None)
    path.unlink()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(NotFound, match="File id does not exist"):
        await response({"type": "http", "method": "GET", "headers": headers}, receive, send)

    assert sent == []
