"""Uploads, downloads, lists and deletions over HTTP."""

from pathlib import Path

import pytest
from httpx2 import AsyncClient

from app.settings import Settings

FILES = "/api/v1/files"
TEXT = b"0123456789"


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(files_folder=folder, file_max_bytes=20_000_000)


async def put(client: AsyncClient, name: str = "a.txt", content: bytes = TEXT) -> str:
    response = await client.post(FILES, files={"file": (name, content, "image/png")})
    assert response.status_code == 201, response.text
    assert response.headers["location"] == f"{FILES}/{response.json()['id']}"
    return str(response.headers["location"])


async def test_up_and_down(client: AsyncClient) -> None:
    path = await put(client, "Grüße.txt")

    response = await client.get(path)

    assert response.content == TEXT
    headers = response.headers
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt"
    assert headers["content-type"] == "text/plain"
    assert headers["accept-ranges"] == "bytes"


async def test_more_than_other_bodies(client: AsyncClient) -> None:
    path = await put(client, content=b"x" * 11_000_000)

    assert (await client.head(path)).headers["content-length"] == "11000000"
    assert (await client.post(FILES, files={"file": ("a", b"x" * 20_000_001)})).status_code == 413


PARTS = [
    ("bytes=0-3", b"0123", "bytes 0-3/10"),
    ("bytes=7-", b"789", "bytes 7-9/10"),
    ("bytes=-2", b"89", "bytes 8-9/10"),
    ("bytes=-99", TEXT, "bytes 0-9/10"),
    ("bytes=5-99", b"56789", "bytes 5-9/10"),
    ("Bytes=0-0", b"0", "bytes 0-0/10"),
    ("lines=1-2", TEXT, None),
]


async def test_parts(client: AsyncClient, subtests: pytest.Subtests) -> None:
    path = await put(client)

    for asked, part, range_ in PARTS:
        with subtests.test(asked=asked):
            response = await client.get(path, headers={"Range": asked})

            assert response.content == part
            assert response.headers.get("content-range") == range_
            assert response.status_code == (206 if range_ else 200)


async def test_parts_that_are_not_there(client: AsyncClient, subtests: pytest.Subtests) -> None:
    path = await put(client)

    for asked in ("bytes=10-", "bytes=99-100", "bytes=-0", "bytes=3-2"):
        with subtests.test(asked=asked):
            response = await client.get(path, headers={"Range": asked})

            assert response.status_code == 416
            assert response.headers["content-range"] == "bytes */10"
            assert response.headers["content-type"] == "application/problem+json"


async def test_several_parts(client: AsyncClient) -> None:
    response = await client.get(await put(client), headers={"Range": "bytes=0-1,4-5"})

    assert response.status_code == 206
    assert response.headers["content-type"].startswith("multipart/byteranges")
    assert b"\r\n\r\n01\r\n" in response.content
    assert b"\r\n\r\n45\r\n" in response.content


async def test_known_content_is_not_sent_again(client: AsyncClient) -> None:
    path = await put(client)
    etag = (await client.get(path)).headers["etag"]

    known = await client.get(path, headers={"If-None-Match": etag})
    same = await client.get(path, headers={"Range": "bytes=1-1", "If-Range": etag})
    other = await client.get(path, headers={"Range": "bytes=1-1", "If-Range": '"x"'})

    assert (known.status_code, known.content) == (304, b"")
    assert [same.content, other.content] == [b"1", TEXT]


async def test_the_head_is_that_of_the_whole(client: AsyncClient) -> None:
    """Ranges are for GET (RFC 9110, section 14.2)."""
    path = await put(client)

    for asked in ("bytes=0-3", "bytes=99-"):
        response = await client.head(path, headers={"Range": asked})

        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["content-length"] == "10"
        assert "content-range" not in response.headers


async def test_nothing_is_compressed(client: AsyncClient) -> None:
    response = await client.get(await put(client, content=b"x" * 10_000))

    assert "content-encoding" not in response.headers


async def test_unknown_files_are_not_found(client: AsyncClient) -> None:
    assert (await client.get(f"{FILES}/{'0' * 32}")).status_code == 404
    assert (await client.get(f"{FILES}/nonsense")).status_code == 404


async def test_an_empty_one(client: AsyncClient) -> None:
    path = await put(client, content=b"")

    assert (await client.get(path)).content == b""
    assert (await client.get(path, headers={"Range": "bytes=0-"})).status_code == 416


async def test_a_list_is_read_page_by_page(client: AsyncClient) -> None:
    paths = [await put(client, f"{number}.txt") for number in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        page = (await client.get(FILES, params={"size": 2, "cursor": cursor})).json()
        found += page["items"]
        cursor = page["next_cursor"]

    assert [f"{FILES}/{file['id']}" for file in found] == paths
    assert found[0].keys() == {"id", "name", "size", "content_type"}
    assert (await client.get(FILES, params={"cursor": "forged"})).status_code == 422


async def test_a_deleted_file_is_gone(client: AsyncClient) -> None:
    path = await put(client)

    assert (await client.delete(path)).status_code == 204
    assert [(await client.get(path)).status_code, (await client.delete(path)).status_code] == [
        404,
        404,
    ]
    assert (await client.get(FILES)).json() == {"items": [], "next_cursor": None}


PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
END = b"\r\n--b--\r\n"


NO_FORMS = [
    ("application/json", b"{}", 415),
    ("multipart/form-data", b"", 400),
    ("multipart/form-data; boundary=b", b"nonsense", 400),
    ("Multipart/Form-Data; boundary=b", b"--b--\r\n", 422),
    ("multipart/form-data; boundary=b", PART.replace(b"file", b"other", 1) + END, 422),
    ("multipart/form-data; boundary=b", PART.replace(b'; filename="a.txt"', b"") + END, 400),
    ("multipart/form-data; boundary=b", PART + b"1\r\n" + PART + b"2" + END, 400),
    ("multipart/form-data; boundary=b; charset=undefined", PART + b"1" + END, 400),
]


async def test_forms_without_exactly_one_file_are_refused(
    client: AsyncClient, subtests: pytest.Subtests
) -> None:
    for content_type, body, status in NO_FORMS:
        with subtests.test(content_type=content_type, body=body):
            headers = {"Content-Type": content_type}
            response = await client.post(FILES, content=body, headers=headers)

            assert response.status_code == status
            assert response.headers["content-type"] == "application/problem+json"
            assert (await client.get(FILES)).json()["items"] == []
