"""Access to the pages, and their actions."""

from collections.abc import AsyncGenerator

import pytest
from httpx2 import AsyncClient

from tests.accounts import PASSWORD, another_client, register

ORIGIN = {"Origin": "https://test"}


async def sign_in(browser: AsyncClient, email: str, password: str = PASSWORD) -> int:
    """The status of the form."""
    form = {"username": email, "password": password}
    return (await browser.post("/admin/login", data=form, headers=ORIGIN)).status_code


@pytest.fixture
async def browser(client: AsyncClient, admin_email: str) -> AsyncGenerator[AsyncClient]:
    """One in which an admin has signed in."""
    async with another_client(client) as browser:
        assert await sign_in(browser, admin_email) == 302
        yield browser


@pytest.mark.parametrize("path", ["/admin/", "/admin/user/list", "/admin/user/details/1"])
async def test_nobody_else_sees_a_page(client: AsyncClient, path: str) -> None:
    user = await register(client)
    async with another_client(client) as browser:
        assert await sign_in(browser, user["email"]) == 400
        assert await sign_in(browser, user["email"], "wrong") == 400
        response = await browser.get(path)

    assert (response.status_code, response.headers["location"]) == (302, "https://test/admin/login")


async def test_the_first_page_is_found_without_a_slash(browser: AsyncClient) -> None:
    response = await browser.get("/admin", follow_redirects=True)

    assert (response.status_code, response.url.path) == (200, "/admin/")


async def test_users_are_listed_without_secrets(browser: AsyncClient, admin_email: str) -> None:
    response = await browser.get("/admin/user/list?search=@")

    assert response.status_code == 200
    assert admin_email in response.text
    assert "argon2" not in response.text + (await browser.get("/admin/user/details/1")).text
    assert response.headers["cache-control"] == "no-store"
    assert "script-src 'self';" in response.headers["content-security-policy"]


async def test_they_change_nothing(browser: AsyncClient) -> None:
    before = (await browser.get("/admin/user/details/1")).text
    attempts = [
        await browser.post("/admin/user/create", data={"email": "a@example.com"}, headers=ORIGIN),
        await browser.post("/admin/user/edit/1", data={"full_name": "x"}, headers=ORIGIN),
        await browser.delete("/admin/user/delete?pks=1", headers=ORIGIN),
        await browser.get("/admin/user/export/csv"),
    ]

    assert {response.status_code for response in attempts} == {403}
    assert (await browser.get("/admin/user/details/1")).text == before


async def test_pages_of_other_origins_are_refused(client: AsyncClient, admin_email: str) -> None:
    form = {"username": admin_email, "password": PASSWORD}
    evil = {"Origin": "https://evil.example.com"}
    async with another_client(client) as browser:
        response = await browser.post("/admin/login", data=form, headers=evil)

    assert response.status_code == 403
    assert "set-cookie" not in response.headers


async def test_signing_out_ends_the_session(browser: AsyncClient) -> None:
    cookies = dict(browser.cookies)

    await browser.get("/admin/logout")
    browser.cookies.update(cookies)

    assert (await browser.get("/admin/")).status_code == 302


async def test_a_token_of_the_api_is_no_cookie(browser: AsyncClient, admin: AsyncClient) -> None:
    token = admin.headers["Authorization"].removeprefix("Bearer ")
    name = next(iter(browser.cookies))
    browser.cookies.clear()
    browser.cookies.set(name, token)

    assert (await browser.get("/admin/")).status_code == 302
