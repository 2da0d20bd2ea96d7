"""Forgotten passwords."""

from collections.abc import AsyncGenerator

import pytest
from httpx2 import AsyncClient

from app.auth.router import get_mailer
from app.main import create_app
from app.settings import Settings
from tests.accounts import AUTH, PASSWORD, USERS, bearer, get_tokens, new_email, register
from tests.serving import serve

NEW_PASSWORD = "another tall ship"
Sent = dict[str, str]


@pytest.fixture
def sent() -> Sent:
    """The tokens that were sent, by address."""
    return {}


@pytest.fixture
async def nobody(settings: Settings, sent: Sent) -> AsyncGenerator[AsyncClient]:
    """A client of an application that sends its mails to the test."""
    app = create_app(settings)

    async def send(email: str, token: str) -> None:
        sent[email] = token

    app.dependency_overrides[get_mailer] = lambda: send
    async with serve(app) as client:
        yield client


async def test_unknown_addresses_get_the_same_response(nobody: AsyncClient, sent: Sent) -> None:
    user = await register(nobody)
    answers = [
        await nobody.post(f"{AUTH}/password/forgot", json={"email": email})
        for email in (user["email"].upper(), new_email())
    ]

    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
    assert sent.keys() == {user["email"]}


async def test_a_token_sets_the_password_once(nobody: AsyncClient, sent: Sent) -> None:
    user = await register(nobody)
    tokens = await get_tokens(nobody, user["email"])
    await nobody.post(f"{AUTH}/password/forgot", json={"email": user["email"]})
    body = {"token": sent[user["email"]], "new_password": NEW_PASSWORD}

    weak = await nobody.post(f"{AUTH}/password/reset", json=body | {"new_password": "password123"})
    first = await nobody.post(f"{AUTH}/password/reset", json=body)
    second = await nobody.post(f"{AUTH}/password/reset", json=body)

    assert [each.status_code for each in (weak, first, second)] == [422, 204, 401]
    assert (await nobody.get(f"{USERS}/me", headers=bearer(tokens))).status_code == 401
    form = {"username": user["email"]}
    old = await nobody.post(f"{AUTH}/token", data=form | {"password": PASSWORD})
    new = await nobody.post(f"{AUTH}/token", data=form | {"password": NEW_PASSWORD})
    assert (old.status_code, new.status_code) == (401, 200)


async def test_other_tokens_are_refused(nobody: AsyncClient) -> None:
    tokens = await get_tokens(nobody, (await register(nobody))["email"])
    for token in (tokens["access_token"], tokens["refresh_token"], "nonsense", ""):
        body = {"token": token, "new_password": NEW_PASSWORD}

        assert (await nobody.post(f"{AUTH}/password/reset", json=body)).status_code == 401
