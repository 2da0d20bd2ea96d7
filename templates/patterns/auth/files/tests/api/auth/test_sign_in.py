"""Signing in."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings
from tests.accounts import AUTH, PASSWORD, anonymous_client, another_client, get_tokens, register
from tests.serving import serve, started

URL = f"{AUTH}/token"
WRONG = "a wrong one"


async def attempt(client: AsyncClient, email: str, password: str = WRONG) -> Response:
    return await client.post(URL, data={"username": email, "password": password})


async def test_tokens(anonymous: AsyncClient) -> None:
    user = await register(anonymous)

    tokens = await get_tokens(anonymous, user["email"])

    assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in", "scope"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)
    assert "admin" not in tokens["scope"].split()


async def test_caches_store_no_tokens_and_keys(client: AsyncClient, admin: AsyncClient) -> None:
    user = await register(client)
    form = {"username": user["email"], "password": PASSWORD}
    signed_in = await client.post(URL, data=form)
    token = {"refresh_token": signed_in.json()["refresh_token"]}
    refreshed = await client.post(f"{AUTH}/refresh", json=token)
    key = await admin.post(f"{AUTH}/api-keys", json={"name": "reports", "scopes": ["admin"]})

    for response in (signed_in, refreshed, key):
        assert response.headers["cache-control"] == "no-store"


async def test_all_fields_of_an_oauth2_form_are_accepted(anonymous: AsyncClient) -> None:
    """Such as the one that "Authorize" in the documentation sends."""
    user = await register(anonymous)
    form = {
        "grant_type": "password",
        "username": user["email"],
        "password": PASSWORD,
        "scope": "",
        "client_id": "",
        "client_secret": "",
    }

    assert (await anonymous.post(URL, data=form)).status_code == 200


BAD_FIELDS: list[dict[str, Any]] = [
    {"username": ""},
    {"password": "x" * 129},
    {"grant_type": "client_credentials"},
    {"role": "admin"},
    {"scope": "x" * 2001},
]


async def test_bad_forms_are_refused(anonymous: AsyncClient, subtests: pytest.Subtests) -> None:
    for changes in BAD_FIELDS:
        with subtests.test(changes=changes):
            form = {"username": "ann@example.com", "password": PASSWORD, **changes}

            assert (await anonymous.post(URL, data=form)).status_code == 422


async def test_a_megabyte_is_refused(anonymous: AsyncClient) -> None:
    response = await attempt(anonymous, "ann@example.com", "x" * 1_000_000)

    assert response.status_code == 400


async def test_a_token_never_has_more_than_the_role_allows(anonymous: AsyncClient) -> None:
    user = await register(anonymous)

    tokens = await get_tokens(anonymous, user["email"], "admin nonsense")

    assert tokens["scope"] == ""


async def test_an_admin_has_every_scope(admin: AsyncClient, admin_email: str) -> None:
    assert "admin" in (await get_tokens(admin, admin_email))["scope"].split()


async def test_unknown_wrong_and_disabled_look_the_same(
    anonymous: AsyncClient, admin: AsyncClient
) -> None:
    known, disabled = await register(anonymous), await register(anonymous)
    await admin.patch(f"/api/v1/users/{disabled['id']}", json={"is_active": False})

    answers = [
        await attempt(anonymous, known["email"]),
        await attempt(anonymous, "nobody@example.com"),
        await attempt(anonymous, disabled["email"], PASSWORD),
        await attempt(anonymous, "not an address"),
    ]

    assert {answer.status_code for answer in answers} == {401}
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert len({frozenset(answer.headers.keys()) for answer in answers}) == 1
    assert answers[0].headers["www-authenticate"] == "Bearer"


async def test_failures_are_limited_for_an_account_and_an_address(settings: Settings) -> None:
    """The owner at another address is not locked out."""
    limited = settings.model_copy(update={"login_failures": "2/15 minutes"})
    async with serve(create_app(limited)) as client:
        email = (await register(client))["email"]
        failed = [await attempt(client, email) for _ in range(2)]
        refused = await attempt(client, email, PASSWORD)
        async with another_client(client, "192.0.2.1") as owner:
            accepted = await attempt(owner, email, PASSWORD)

    assert [each.status_code for each in (*failed, refused, accepted)] == [401, 401, 429, 200]
    assert 1 <= int(refused.headers["retry-after"]) <= 900


async def test_processes_share_the_limits_in_redis(redis_url: str) -> None:
    settings = Settings(redis_url=SecretStr(redis_url), login_failures="2/15 minutes")
    async with serve(create_app(settings)) as one, serve(create_app(settings)) as other:
        email = (await register(one))["email"]
        failed = [await attempt(each, email) for each in (one, other)]
        refused = [await attempt(each, email, PASSWORD) for each in (one, other)]

    assert [each.status_code for each in (*failed, *refused)] == [401, 401, 429, 429]


async def test_browsers_sign_in_with_cookies_and_a_proof() -> None:
    """The session is in a cookie; a change needs the proof against forged requests (CSRF)."""
    me = "/api/v1/users/me"
    app = create_app(Settings(session_cookies=True))
    async with started(app) as running, anonymous_client(running) as browser:
        user = await register(browser)
        await attempt(browser, user["email"], PASSWORD)

        assert (await browser.get(me)).json() == user
        assert (await browser.delete(me)).status_code == 403
        proof = {"X-CSRF-Token": browser.cookies["__Host-csrf"]}
        assert (await browser.delete(me, headers=proof)).status_code == 204
