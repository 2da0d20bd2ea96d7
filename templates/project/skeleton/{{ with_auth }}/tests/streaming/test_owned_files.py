"""Files are for who has sent them."""

from pathlib import Path

import pytest
from httpx2 import AsyncClient

from app.settings import Settings

FILES = "/api/v1/files"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(files_folder=tmp_path)


async def test_another_user_s_is_not_there(client: AsyncClient, stranger: AsyncClient) -> None:
    path = (await client.post(FILES, files={"file": ("a", b"a")})).headers["location"]

    assert (await client.get(path)).status_code == 200
    assert (await stranger.get(path)).status_code == 404


async def test_nobody_sends_one(anonymous: AsyncClient) -> None:
    response = await anonymous.post(FILES, files={"file": ("a", b"a")})

    assert response.status_code == 401
