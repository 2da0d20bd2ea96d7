"""What ends a session ends it at once, with all of its tokens."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.accounts import AUTH, PASSWORD, USERS, bearer, get_tokens, register
from tests.insides.auth.test_refresh import is_alive, refresh

NEW_PASSWORD = "another tall ship"


@pytest.fixture
async def user(anonymous: AsyncClient) -> dict[str, Any]:
    return await register(anonymous)


@pytest.fixture
async def sessions(anonymous: AsyncClient, user: dict[str, Any]) -> list[dict[str, Any]]:
    """The tokens of two sessions of the user."""
    return [await get_tokens(anonymous, user["email"]) for _ in range(2)]


async def living(client: AsyncClient, sessions: list[dict[str, Any]]) -> list[bool]:
    """Which sessions let in, by either of their tokens."""
    alive = []
    for tokens in sessions:
        lets_in = await is_alive(client, tokens)
        refreshes = (await refresh(client, tokens)).status_code == 200
        assert lets_in == refreshes
        alive.append(lets_in)
    return alive


async def test_logging_out_ends_one(anonymous: AsyncClient, sessions: list[dict[str, Any]]) -> None:
    first = sessions[0]

    response = await anonymous.post(
        f"{AUTH}/logout",
        headers=bearer(first),
        json={"refresh_token": first["refresh_token"]},
    )

    assert (response.status_code, response.content) == (204, b"")
    assert await living(anonymous, sessions) == [False, True]


async def test_logging_out_with_a_token_of_before(
    anonymous: AsyncClient, sessions: list[dict[str, Any]]
) -> None:
    following = (await refresh(anonymous, sessions[0])).json()

    response = await anonymous.post(
        f"{AUTH}/logout",
        headers=bearer(sessions[0]),
        json={"refresh_token": sessions[0]["refresh_token"]},
    )

    assert response.status_code == 204
    assert await living(anonymous, [following, sessions[1]]) == [False, True]


async def test_logging_out_without_a_refresh_token(
    anonymous: AsyncClient, sessions: list[dict[str, Any]]
) -> None:
    await anonymous.post(f"{AUTH}/logout", headers=bearer(sessions[0]), json={})

    assert await living(anonymous, sessions) == [False, True]


async def test_logging_out_another_session_of_one_s_own(
    anonymous: AsyncClient, sessions: list[dict[str, Any]]
) -> None:
    for _ in range(2):
        await anonymous.post(
            f"{AUTH}/logout",
            headers=bearer(sessions[0]),
            json={"refresh_token": sessions[1]["refresh_token"]},
        )

    assert await living(anonymous, sessions) == [False, False]


@pytest.mark.parametrize("is_foreign", [True, False], ids=["foreign", "nonsense"])
async def test_nobody_logs_others_out(
    anonymous: AsyncClient, sessions: list[dict[str, Any]], *, is_foreign: bool
) -> None:
    attacker = await get_tokens(anonymous, (await register(anonymous))["email"])
    token = sessions[0]["refresh_token"] if is_foreign else "nonsense"

    response = await anonymous.post(
        f"{AUTH}/logout", headers=bearer(attacker), json={"refresh_token": token}
    )

    assert response.status_code == 401
    assert await living(anonymous, [*sessions, attacker]) == [True, True, True]


async def test_a_new_password_ends_all(
    anonymous: AsyncClient, user: dict[str, Any], sessions: list[dict[str, Any]]
) -> None:
    response = await anonymous.post(
        f"{AUTH}/password",
        headers=bearer(sessions[0]),
        json={"current_password": PASSWORD, "new_password": NEW_PASSWORD},
    )

    assert (response.status_code, response.content) == (204, b"")
    assert await living(anonymous, sessions) == [False, False]
    form = {"username": user["email"]}
    old = await anonymous.post(f"{AUTH}/token", data=form | {"password": PASSWORD})
    new = await anonymous.post(f"{AUTH}/token", data=form | {"password": NEW_PASSWORD})
    assert (old.status_code, new.status_code) == (401, 200)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"current_password": "a wrong one", "new_password": NEW_PASSWORD}, 401),
        ({"current_password": PASSWORD, "new_password": "short77"}, 422),
        ({"current_password": PASSWORD, "new_password": "password123"}, 422),
        ({"current_password": PASSWORD}, 422),
    ],
)
async def test_a_password_that_does_not_change_ends_nothing(
    anonymous: AsyncClient, sessions: list[dict[str, Any]], change: dict[str, str], status: int
) -> None:
    response = await anonymous.post(f"{AUTH}/password", headers=bearer(sessions[0]), json=change)

    assert response.status_code == status
    assert await living(anonymous, sessions) == [True, True]


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "admin"}])
async def test_another_state_or_role_ends_all(
    anonymous: AsyncClient,
    admin: AsyncClient,
    user: dict[str, Any],
    sessions: list[dict[str, Any]],
    change: dict[str, Any],
) -> None:
    response = await admin.patch(f"{USERS}/{user['id']}", json=change)

    assert response.status_code == 200
    assert response.json() == user | change
    assert await living(anonymous, sessions) == [False, False]


async def test_another_name_ends_nothing(
    anonymous: AsyncClient,
    admin: AsyncClient,
    user: dict[str, Any],
    sessions: list[dict[str, Any]],
) -> None:
    response = await admin.patch(f"{USERS}/{user['id']}", json={"full_name": "Ann"})

    assert response.json()["full_name"] == "Ann"
    assert await living(anonymous, sessions) == [True, True]


async def test_deleting_a_user_ends_all(
    anonymous: AsyncClient,
    admin: AsyncClient,
    user: dict[str, Any],
    sessions: list[dict[str, Any]],
) -> None:
    response = await admin.delete(f"{USERS}/{user['id']}")

    assert response.status_code == 204
    assert await living(anonymous, sessions) == [False, False]
    again = await register(anonymous, user["email"])
    assert again["id"] != user["id"]
    assert await living(anonymous, sessions) == [False, False]


async def test_deleting_oneself_ends_all(
    anonymous: AsyncClient, sessions: list[dict[str, Any]]
) -> None:
    response = await anonymous.delete(f"{USERS}/me", headers=bearer(sessions[0]))

    assert response.status_code == 204
    assert await living(anonymous, sessions) == [False, False]
