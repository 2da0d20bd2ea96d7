"""Files are for who has sent them."""

from pathlib import Path

import pytest
from httpx2 import AsyncClient

from app.files.store import FileStore
from app.settings import Settings
from tests.accounts import USERS

FILES = "/api/v1/files"


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(files_folder=folder)


async def test_rows_of_others_are_404(client: AsyncClient, stranger: AsyncClient) -> None:
    path = (await client.post(FILES, files={"file": ("a", b"a")})).headers["location"]

    assert (await client.get(path)).status_code == 200
    assert (await stranger.get(path)).status_code == 404


async def test_nobody_sends_one(anonymous: AsyncClient) -> None:
    response = await anonymous.post(FILES, files={"file": ("a", b"a")})

    assert response.status_code == 401


async def put(client: AsyncClient) -> None:
    response = await client.post(FILES, files={"file": ("a", b"a")})
    assert response.status_code == 201


async def leave(client: AsyncClient, by: AsyncClient | None = None) -> None:
    """Delete the user who is `client`: they do it themselves, or somebody does."""
    user_id = (await client.get(f"{USERS}/me")).json()["id"]
    request = client.delete(f"{USERS}/me") if by is None else by.delete(f"{USERS}/{user_id}")
    assert (await request).status_code == 204


def kept(folder: Path) -> int:
    """The number of files on the disk."""
    return len([*folder.rglob("content")])


class TestDeletedUsers:
    @pytest.mark.parametrize("is_by_admin", [False, True])
    async def test_their_files_go_with_them(
        self,
        client: AsyncClient,
        stranger: AsyncClient,
        admin: AsyncClient,
        folder: Path,
        is_by_admin: bool,
    ) -> None:
        for somebody in (client, client, stranger):
            await put(somebody)

        await leave(client, admin if is_by_admin else None)

        assert kept(folder) == 1

    async def test_a_user_without_files(self, client: AsyncClient) -> None:
        await leave(client)

    async def test_files_are_kept_if_the_user_is_not_deleted(
        self, admin: AsyncClient, folder: Path
    ) -> None:
        await put(admin)

        assert (await admin.delete(f"{USERS}/me")).status_code == 409
        assert kept(folder) == 1

    async def test_files_that_cannot_be_deleted_keep_nobody(
        self,
        client: AsyncClient,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def fail(_self: FileStore, _folder: Path) -> None:
            raise PermissionError

        monkeypatch.setattr(FileStore, "_remove", fail)
        await leave(client)

        assert "on_commit_hook_failed" in caplog.text
