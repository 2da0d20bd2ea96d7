"""Rate limits of login attempts."""

import asyncio

import pytest
from httpx2 import AsyncClient, Response

from app.main import create_app
from app.settings import Settings
from tests.accounts import AUTH, PASSWORD, another_client, get_tokens, register
from tests.serving import serve

URL = f"{AUTH}/token"
WRONG = "a wrong one"
ELSEWHERE = "192.0.2.1"


async def attempt(client: AsyncClient, email: str, password: str = WRONG) -> Response:
    return await client.post(URL, data={"username": email, "password": password})


@pytest.fixture
def settings() -> Settings:
    return Settings(
        login_failures="2/15 minutes",
        login_failures_per_ip="4/15 minutes",
        login_failures_per_account="3/15 minutes",
    )


def assert_limited(response: Response) -> None:
    assert response.status_code == 429
    assert response.json()["code"] == "rate_limited"
    assert 1 <= int(response.headers["retry-after"]) <= 900


class TestGuessing:
    @pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
    async def test_one_account_from_one_address(self, anonymous: AsyncClient, email: str) -> None:
        """Whether there is such a user cannot be told by it."""
        await register(anonymous, "ann@example.com")

        answers = [await attempt(anonymous, email) for _ in range(2)]

        assert {answer.status_code for answer in answers} == {401}
        assert_limited(await attempt(anonymous, email, PASSWORD))
        assert_limited(await attempt(anonymous, f" {email.upper()}", PASSWORD))

    async def test_failed_logins_do_not_reveal_disabled_users(
        self, anonymous: AsyncClient, admin: AsyncClient
    ) -> None:
        """The right password counts as a wrong one."""
        user = await register(anonymous)
        await admin.patch(f"/api/v1/users/{user['id']}", json={"is_active": False})

        answers = [await attempt(anonymous, user["email"], PASSWORD) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [401, 401, 429]

    async def test_others_at_the_same_address_are_free(self, anonymous: AsyncClient) -> None:
        victim, other = await register(anonymous), await register(anonymous)
        for _ in range(3):
            await attempt(anonymous, victim["email"])

        assert (await attempt(anonymous, other["email"], PASSWORD)).status_code == 200

    async def test_many_accounts_from_one_address(self, anonymous: AsyncClient) -> None:
        user = await register(anonymous)
        for number in range(4):
            await attempt(anonymous, f"nobody{number}@example.com")

        assert_limited(await attempt(anonymous, user["email"], PASSWORD))

    async def test_one_account_from_many_addresses(self, anonymous: AsyncClient) -> None:
        """The owner still gets in from where the owner was before; new addresses wait."""
        user = await register(anonymous)
        await get_tokens(anonymous, user["email"])
        for number in range(3):
            async with another_client(anonymous, f"198.51.100.{number}") as attacker:
                await attempt(attacker, user["email"])

        async with another_client(anonymous, ELSEWHERE) as attacker:
            assert_limited(await attempt(attacker, user["email"], PASSWORD))
        assert (await attempt(anonymous, user["email"], PASSWORD)).status_code == 200

    async def test_the_owner_elsewhere_is_not_locked_out(self, anonymous: AsyncClient) -> None:
        user = await register(anonymous)
        for _ in range(5):
            await attempt(anonymous, user["email"])

        async with another_client(anonymous, ELSEWHERE) as owner:
            assert (await attempt(owner, user["email"], PASSWORD)).status_code == 200

    async def test_a_session_is_not_touched(self, anonymous: AsyncClient) -> None:
        user = await register(anonymous)
        tokens = await get_tokens(anonymous, user["email"])
        for _ in range(5):
            await attempt(anonymous, user["email"])

        refreshed = await anonymous.post(
            f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]}
        )

        assert refreshed.status_code == 200

    async def test_a_success_clears_what_came_before(self, anonymous: AsyncClient) -> None:
        user = await register(anonymous)
        passwords = ["a wrong one", PASSWORD] * 2

        answers = [await attempt(anonymous, user["email"], password) for password in passwords]

        assert [answer.status_code for answer in answers] == [401, 200, 401, 200]

    async def test_at_the_same_time(self, anonymous: AsyncClient) -> None:
        """Who waits for a turn is judged when it comes: a burst is no way around the limit."""
        user = await register(anonymous)

        answers = await asyncio.gather(*(attempt(anonymous, user["email"]) for _ in range(20)))

        statuses = [answer.status_code for answer in answers]
        assert (statuses.count(401), statuses.count(429)) == (2, 18)

    async def test_by_changing_the_password(self, client: AsyncClient) -> None:
        change = {"current_password": "a wrong one", "new_password": "another tall ship"}
        answers = [await client.post(f"{AUTH}/password", json=change) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [401, 401, 429]

    async def test_a_customer_has_many_addresses(self, anonymous: AsyncClient) -> None:
        user = await register(anonymous)
        statuses = []
        for number in range(3):
            async with another_client(anonymous, f"2001:db8:1:2::{number}") as attacker:
                statuses.append((await attempt(attacker, user["email"])).status_code)

        assert statuses == [401, 401, 429]


async def test_failed_logins_are_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(create_app(settings)) as client:
        await attempt(client, "nobody@example.com", "hunter2-hunter2")

    assert "sign_in_failed" in caplog.text
    assert "hunter2" not in caplog.text
