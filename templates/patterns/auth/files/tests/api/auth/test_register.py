"""Becoming a user."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.accounts import AUTH, PASSWORD, get_tokens, new_email, register

URL = f"{AUTH}/register"


def form(**changes: Any) -> dict[str, Any]:
    return {"email": new_email(), "password": PASSWORD, **changes}


BAD_VALUES: list[dict[str, Any]] = [
    {"email": "nobody"},
    {"email": "a@b@example.com"},
    {"email": f"{'x' * 250}@example.com"},
    {"email": None},
    {"password": "short77"},
    {"password": "abcdefgh" * 16 + "x"},
    {"password": "password123"},
    {"password": "PassWord123"},
    {"password": "aaaaaaaa"},
    {"password": "with a\x00NUL"},
    {"password": None},
    {"full_name": ""},
    {"full_name": "x" * 201},
    {"role": "admin"},
    {"is_active": True},
    {"id": 1},
]


async def test_bad_values_are_refused(anonymous: AsyncClient, subtests: pytest.Subtests) -> None:
    for changes in BAD_VALUES:
        with subtests.test(changes=changes):
            response = await anonymous.post(URL, json=form(**changes))

            assert response.status_code == 422
            assert PASSWORD not in response.text


async def test_registered(anonymous: AsyncClient) -> None:
    response = await anonymous.post(URL, json=form(email="Ann@Example.com", full_name="Ann"))

    assert response.status_code == 201
    assert response.json().keys() == {"id", "email", "full_name", "role", "is_active", "created_at"}
    assert (
        response.json().items()
        >= {
            "email": "ann@example.com",
            "full_name": "Ann",
            "role": "user",
            "is_active": True,
        }.items()
    )


async def test_an_address_is_taken_in_any_case(
    anonymous: AsyncClient, subtests: pytest.Subtests
) -> None:
    await register(anonymous, "ann@example.com")

    for email in ("ann@example.com", "ANN@example.com", "Ann@EXAMPLE.com"):
        with subtests.test(email=email):
            response = await anonymous.post(URL, json=form(email=email))

            assert response.status_code == 409
            assert response.json()["code"] == "conflict"


UNUSUAL_ADDRESSES = [
    "Jos\u0065\u0301@example.com",
    "ann@xn--bcher-kva.example",
    " Ann@example.com ",
    "bob@B\u00dcCHER.example",
]


async def test_an_address_can_be_written_in_several_ways(
    anonymous: AsyncClient, subtests: pytest.Subtests
) -> None:
    for email in UNUSUAL_ADDRESSES:
        with subtests.test(email=email):
            user = await register(anonymous, email)

            for text in (email, user["email"]):
                assert await get_tokens(anonymous, text)
                assert (await anonymous.post(URL, json=form(email=text))).status_code == 409


async def test_a_user_can_sign_in(anonymous: AsyncClient) -> None:
    user = await register(anonymous)

    assert await get_tokens(anonymous, user["email"].upper())
