"""Becoming a user."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from httpx2 import AsyncClient

from app.main import create_app
from app.settings import Settings
from tests.accounts import AUTH, PASSWORD, another_client, new_email, register
from tests.serving import serve

URL = f"{AUTH}/register"


def form(**changes: Any) -> dict[str, Any]:
    return {"email": new_email(), "password": PASSWORD, **changes}


async def test_a_megabyte_is_refused(anonymous: AsyncClient) -> None:
    response = await anonymous.post(URL, json=form(password="x1" * 500_000))

    assert response.status_code == 422


async def test_of_racing_registrations_one_wins(anonymous: AsyncClient) -> None:
    emails = ["ann@example.com", "ANN@example.com"] * 5
    responses = await asyncio.gather(
        *(anonymous.post(URL, json=form(email=email)) for email in emails)
    )

    assert Counter(response.status_code for response in responses) == {201: 1, 409: 9}


@pytest.mark.parametrize("password", ["abcdefgh" * 16, "pässwörter 密码", "  two  spaces  "])
async def test_every_character_counts(anonymous: AsyncClient, password: str) -> None:
    user = await register(anonymous, password=password)
    shorter = {"username": user["email"], "password": password[:-1]}
    right = {"username": user["email"], "password": password}

    assert (await anonymous.post(f"{AUTH}/token", data=shorter)).status_code == 401
    assert (await anonymous.post(f"{AUTH}/token", data=right)).status_code == 200


async def test_a_letter_is_the_same_however_it_was_typed(anonymous: AsyncClient) -> None:
    composed, apart = "sch\u00f6nes wetter", "scho\u0308nes wetter"
    user = await register(anonymous, password=composed)

    response = await anonymous.post(
        f"{AUTH}/token", data={"username": user["email"], "password": apart}
    )

    assert response.status_code == 200


async def test_an_address_cannot_register_without_end(settings: Settings) -> None:
    settings = settings.model_copy(update={"registrations_per_ip": "2/hour"})
    async with serve(create_app(settings)) as client:
        for _ in range(2):
            await register(client)
        refused = await client.post(URL, json=form())

        assert refused.status_code == 429
        assert refused.json()["code"] == "rate_limited"
        assert 1 <= int(refused.headers["retry-after"]) <= 3600
        async with another_client(client, "192.0.2.1") as elsewhere:
            await register(elsewhere)
