"""Pages, static files, redirects and cookies."""

from httpx2 import AsyncClient
from markupsafe import escape
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings
from tests.serving import serve


async def test_the_home_page(client: AsyncClient, settings: Settings) -> None:
    response = await client.get("/")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{escape(settings.app_title)}</h1>" in response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]


async def test_texts_are_escaped() -> None:
    async with serve(create_app(Settings(app_title="<script>"))) as client:
        assert "<h1>&lt;script&gt;</h1>" in (await client.get("/")).text


async def test_static_files(client: AsyncClient) -> None:
    found = await client.get("/static/site.css")
    again = await client.get("/static/site.css", headers={"If-None-Match": found.headers["etag"]})

    assert found.headers["content-type"] == "text/css; charset=utf-8"
    assert again.status_code == 304
    assert (await client.get("/static/../views.py")).status_code == 404
    assert (await client.get("/static/%2e%2e/views.py")).status_code == 404


async def test_a_form_sets_a_cookie_and_redirects(client: AsyncClient) -> None:
    response = await client.post("/theme", data={"theme": "dark"})

    assert (response.status_code, response.headers["location"]) == (303, "http://test/")
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert 'class="dark"' in (await client.get("/")).text


async def test_an_unknown_theme_is_refused(client: AsyncClient) -> None:
    response = await client.post("/theme", data={"theme": '"><script>'})

    assert response.status_code == 400
    assert "set-cookie" not in response.headers


async def test_a_forged_cookie_has_no_effect(client: AsyncClient) -> None:
    response = await client.get("/", headers={"Cookie": "theme=x"})

    assert 'class="light"' in response.text


async def test_cookies_are_sent_over_tls_only_in_production() -> None:
    key = SecretStr("0123456789-abcdefghijklmnopqrstuvwxyz")
    settings = Settings(environment="production", secret_key=key, allowed_hosts=("test",))
    async with serve(create_app(settings)) as client:
        response = await client.post("https://test/theme", data={"theme": "dark"})

    assert "; Secure" in response.headers["set-cookie"]


async def test_a_moved_page_redirects(client: AsyncClient) -> None:
    response = await client.get("/index.html")

    assert (response.status_code, response.headers["location"]) == (308, "http://test/")
