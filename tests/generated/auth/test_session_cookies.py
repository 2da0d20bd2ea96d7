"""Sessions of browsers."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.accounts import AUTH, PASSWORD, USERS, register

ME = f"{USERS}/me"
ORIGIN = "https://shop.example.com"
CSRF = "__Host-csrf"


@pytest.fixture
def settings() -> Settings:
    return Settings(session_cookies=True, allowed_origins=(ORIGIN,))


@pytest.fixture
async def browser(anonymous: AsyncClient) -> AsyncClient:
    """It has signed in, and keeps its cookies."""
    form = await new_form(anonymous)
    response = await anonymous.post(f"{AUTH}/token", data=form)
    assert response.status_code == 200
    return anonymous


async def new_form(client: AsyncClient) -> dict[str, Any]:
    return {"username": (await register(client))["email"], "password": PASSWORD}


async def test_the_cookies_are_for_this_host_over_tls(anonymous: AsyncClient) -> None:
    response = await anonymous.post(f"{AUTH}/token", data=await new_form(anonymous))

    assert response.json().keys() == {"expires_in", "scope"}
    assert response.headers["cache-control"] == "no-store"
    session, proof = response.headers.get_list("set-cookie")
    for cookie in (session, proof):
        assert cookie.startswith("__Host-")
        assert "; Path=/;" in cookie
        assert "; Secure" in cookie
        assert "; SameSite=strict" in cookie
        assert "Domain" not in cookie
    assert "; HttpOnly" in session
    assert "HttpOnly" not in proof


async def test_reading_needs_the_session_alone(browser: AsyncClient) -> None:
    assert (await browser.get(ME)).status_code == 200


async def test_a_change_needs_the_proof(browser: AsyncClient) -> None:
    proof = browser.cookies[CSRF]
    for headers in (
        {},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "forged"},
        {"X-CSRF-Token": proof, "Origin": "https://evil.example"},
        {"X-CSRF-Token": proof, "Origin": "null"},
    ):
        response = await browser.delete(ME, headers=headers)

        assert response.status_code == 403, headers
        assert response.json()["code"] == "forbidden"
    for origin in ("https://test", "https://test:443", "https://TEST", ORIGIN):
        headers = {"X-CSRF-Token": proof, "Origin": origin}
        response = await browser.post(f"{AUTH}/api-keys", json={}, headers=headers)
        assert response.status_code == 422  # it got as far as its body
    assert (await browser.delete(ME, headers={"X-CSRF-Token": proof})).status_code == 204


async def test_the_proof_of_another_session_is_none(browser: AsyncClient) -> None:
    first = browser.cookies[CSRF]
    await browser.post(f"{AUTH}/token", data=await new_form(browser))

    assert (await browser.delete(ME, headers={"X-CSRF-Token": first})).status_code == 403


async def test_logging_out_takes_the_cookies_away(browser: AsyncClient) -> None:
    session = browser.cookies["__Host-session"]
    proof = {"X-CSRF-Token": browser.cookies[CSRF]}

    response = await browser.post(f"{AUTH}/logout", json={}, headers=proof)

    assert response.status_code == 204
    assert dict(browser.cookies) == {}
    stolen = {"Cookie": f"__Host-session={session}"}
    assert (await browser.get(ME, headers=stolen)).status_code == 401


async def test_a_page_of_others_does_not_sign_in(anonymous: AsyncClient) -> None:
    """It would let somebody work in an account that is the attacker's."""
    response = await anonymous.post(
        f"{AUTH}/token", data=await new_form(anonymous), headers={"Origin": "https://evil.example"}
    )

    assert response.status_code == 403
    assert "set-cookie" not in response.headers


async def test_the_cookie_is_no_bearer_token(browser: AsyncClient) -> None:
    token = browser.cookies["__Host-session"]
    browser.cookies.clear()

    response = await browser.get(ME, headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401


class TestOffByDefault:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings()

    async def test_no_cookie(self, anonymous: AsyncClient) -> None:
        response = await anonymous.post(f"{AUTH}/token", data=await new_form(anonymous))

        assert "set-cookie" not in response.headers
