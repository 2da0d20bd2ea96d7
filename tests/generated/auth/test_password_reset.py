"""Forgotten passwords, attacked."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.auth.context import make_auth
from app.auth.errors import InvalidToken
from app.auth.mail import send_password_reset
from app.auth.repository import UserRepository
from app.auth.router import get_mailer
from app.auth.users import UserService
from app.db.database import Database
from app.main import create_app
from app.settings import Settings
from tests.accounts import AUTH, new_email, new_user, register
from tests.serving import serve

NEW = "another tall ship"


class Mailbox:
    def __init__(self) -> None:
        self.tokens: list[str] = []

    async def send(self, email: str, token: str) -> None:
        if email.startswith("broken"):
            raise ConnectionError
        self.tokens.append(token)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def app(settings: Settings, mailbox: Mailbox) -> FastAPI:
    app = create_app(settings)
    app.dependency_overrides[get_mailer] = lambda: mailbox.send
    return app


async def forget(client: AsyncClient, email: str) -> int:
    response = await client.post(f"{AUTH}/password/forgot", json={"email": email})
    return response.status_code


async def reset(client: AsyncClient, token: str, password: str = NEW) -> int:
    body = {"token": token, "new_password": password}
    return (await client.post(f"{AUTH}/password/reset", json=body)).status_code


async def test_of_racing_resets_one_wins(app: FastAPI, mailbox: Mailbox) -> None:
    async with serve(app) as client:
        user = await register(client)
        await forget(client, user["email"])
        (token,) = mailbox.tokens
        statuses = await asyncio.gather(
            *(reset(client, token, f"{NEW} {number}") for number in range(5))
        )

    assert Counter(statuses)[204] == 1
    assert {*statuses} <= {204, 401, 409}


async def test_any_new_password_makes_tokens_invalid(app: FastAPI, mailbox: Mailbox) -> None:
    async with serve(app) as client:
        user = await register(client)
        for _ in range(2):
            await forget(client, user["email"])
        first, second = mailbox.tokens

        assert await reset(client, first) == 204
        assert await reset(client, second) == 401


async def test_mails_are_limited_for_unknown_addresses_too(app: FastAPI) -> None:
    async with serve(app) as client:
        user = await register(client)
        for email in (user["email"], new_email()):
            statuses = [await forget(client, email) for _ in range(7)]

            assert statuses == [202] * 5 + [429] * 2


async def test_a_mail_that_cannot_be_sent_is_logged(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(app) as client:
        await register(client, "broken@example.com")

        assert await forget(client, "broken@example.com") == 202

    assert "password_reset_failed" in caplog.text


async def test_a_token_is_valid_for_15_minutes(
    settings: Settings, database: Database, mailbox: Mailbox
) -> None:
    reads, auth = database.read_session(), make_auth(settings)
    async with database.session() as session:
        user = await UserRepository(session).add(new_user())
        await session.commit()
        service = UserService(reads, session, auth)
        for minutes in (16, 14):
            past = datetime.now(UTC) - timedelta(minutes=minutes)
            then = replace(auth, now=partial(lambda past: past, past))
            sending = UserService(reads, session, then)
            await sending.send_reset_token(user.email, mailbox.send)
        old, good = mailbox.tokens

        with pytest.raises(InvalidToken):
            await service.reset_password(old, NEW)
        await service.reset_password(good, NEW)


async def test_users_without_a_password_get_no_mail(
    settings: Settings, database: Database, mailbox: Mailbox
) -> None:
    reads, auth = database.read_session(), make_auth(settings)
    async with database.session() as session:
        users = UserRepository(session)
        rows = [new_user(password_hash=None), new_user(is_active=False)]
        emails = [(await users.add(row)).email for row in rows]
        await session.commit()
        service = UserService(reads, session, auth)
        for email in [*emails, new_email()]:
            await service.send_reset_token(email, mailbox.send)

    assert mailbox.tokens == []


@pytest.mark.parametrize("environment", ["development", "production"])
async def test_tokens_are_logged_in_development_only(
    settings: Settings, caplog: pytest.LogCaptureFixture, environment: str
) -> None:
    changed = settings.model_copy(update={"environment": environment})

    await send_password_reset(changed, "ann@example.com", "the token")

    assert ("the token" in caplog.text) == (environment == "development")
    assert "password_reset" in caplog.text
