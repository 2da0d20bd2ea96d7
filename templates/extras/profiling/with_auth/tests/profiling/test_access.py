"""The token alone gives no profile."""

from httpx2 import AsyncClient

from tests.profiling.token import PROFILED


async def test_credentials_are_required(anonymous: AsyncClient) -> None:
    response = await anonymous.get("/health", headers=PROFILED)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


async def test_they_must_be_those_of_an_admin(client: AsyncClient) -> None:
    response = await client.get("/health", headers=PROFILED)

    assert response.status_code == 403
    assert response.json()["code"] == "forbidden"
