"""Going on with a session, and stealing one."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from app.settings import Settings
from tests.accounts import AUTH, bearer, get_tokens, register

ME = "/api/v1/users/me"


async def refresh(client: AsyncClient, tokens: dict[str, Any]) -> Response:
    return await client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})


@pytest.fixture
async def tokens(anonymous: AsyncClient) -> dict[str, Any]:
    """The tokens of a new session."""
    user = await register(anonymous)
    return await get_tokens(anonymous, user["email"])


async def is_alive(client: AsyncClient, tokens: dict[str, Any]) -> bool:
    status = (await client.get(ME, headers=bearer(tokens))).status_code
    assert status in (200, 401)
    return status == 200


async def test_the_next_tokens(anonymous: AsyncClient, tokens: dict[str, Any]) -> None:
    response = await refresh(anonymous, tokens)

    assert response.status_code == 200
    following = response.json()
    assert following.keys() == tokens.keys()
    assert following["scope"] == tokens["scope"]
    assert following["refresh_token"] != tokens["refresh_token"]
    assert await is_alive(anonymous, following)


async def test_a_lost_answer_can_be_had_again(
    anonymous: AsyncClient, tokens: dict[str, Any]
) -> None:
    answers = [(await refresh(anonymous, tokens)).json() for _ in range(3)]

    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert (await refresh(anonymous, answers[0])).status_code == 200


async def test_many_at_once_leave_one_child(anonymous: AsyncClient, tokens: dict[str, Any]) -> None:
    responses = await asyncio.gather(*(refresh(anonymous, tokens) for _ in range(50)))

    assert {response.status_code for response in responses} == {200}
    assert len({response.json()["refresh_token"] for response in responses}) == 1


async def test_a_token_whose_successor_was_used_ends_the_session(
    anonymous: AsyncClient, tokens: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    second = (await refresh(anonymous, tokens)).json()
    third = (await refresh(anonymous, second)).json()

    reused = await refresh(anonymous, tokens)

    assert reused.status_code == 401
    assert reused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert "refresh_token_reused" in caplog.text
    for dead in (tokens, second, third):
        assert not await is_alive(anonymous, dead)
        assert (await refresh(anonymous, dead)).status_code == 401


class TestWithoutGrace:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(refresh_grace_seconds=0)

    async def test_a_token_is_used_once(
        self, anonymous: AsyncClient, tokens: dict[str, Any]
    ) -> None:
        second = (await refresh(anonymous, tokens)).json()

        assert (await refresh(anonymous, tokens)).status_code == 401
        assert not await is_alive(anonymous, second)


async def test_other_sessions_go_on(anonymous: AsyncClient) -> None:
    user = await register(anonymous)
    stolen, other = [await get_tokens(anonymous, user["email"]) for _ in range(2)]
    second = (await refresh(anonymous, stolen)).json()
    await refresh(anonymous, second)
    await refresh(anonymous, stolen)

    assert not await is_alive(anonymous, stolen)
    assert await is_alive(anonymous, other)


async def test_an_access_token_does_not_refresh(
    anonymous: AsyncClient, tokens: dict[str, Any]
) -> None:
    response = await refresh(anonymous, {"refresh_token": tokens["access_token"]})

    assert response.status_code == 401


async def test_a_refresh_token_does_not_let_in(
    anonymous: AsyncClient, tokens: dict[str, Any]
) -> None:
    assert not await is_alive(anonymous, {"access_token": tokens["refresh_token"]})


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "x" * 100_000, "\u00e4"])
async def test_nonsense(anonymous: AsyncClient, token: str) -> None:
    response = await refresh(anonymous, {"refresh_token": token})

    assert response.status_code == 401
    assert response.json()["code"] == "unauthorized"
